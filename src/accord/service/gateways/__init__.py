"""The outside world: e-mail, log-in. The only code that opens a socket; gateways do not know one another."""
