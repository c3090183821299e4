"""How words leave the desk: outgoing mail, frozen at send, delivered once per recipient."""
