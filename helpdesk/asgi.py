"""The web application for ASGI servers. Live streams will be served beside it, by the same sessions."""

from a2wsgi import WSGIMiddleware

from helpdesk.app import create_app

app = WSGIMiddleware(create_app(), workers=8)  # type: ignore[arg-type] # two spellings of one WSGI type
