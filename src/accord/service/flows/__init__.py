"""What happens across rooms: one file, one story, one public function of that name. A flow ends in rows."""
