"""Who may do what to whom: one table, the page guard, the read log. Not who treats whom: that is people."""
