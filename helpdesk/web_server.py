"""The web server of `helpdesk web`: uvicorn in front of the application."""

import uvicorn

from helpdesk.settings import Settings


def serve(settings: Settings) -> None:
    """Serve until a signal ends it; requests under way are finished."""
    uvicorn.run(
        "helpdesk.asgi:app",
        host=settings.host,
        port=settings.port,
        workers=settings.web_processes,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_graceful_shutdown=15,
        lifespan="off",
    )
