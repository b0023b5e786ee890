"""E-mail: by SMTP, into a file, or into the outbox page of a demonstration. Neutral words, no names, no contents."""
