"""How this installation runs: every setting with its type, default, unit and meaning.

What the desk *is* (its name, mailboxes, teams) lives in the database and is edited on pages.
Values come from environment variables `HELPDESK_*`, then from `helpdesk.toml` in the data folder.
"""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def _toml_file() -> Path:
    return Path(os.environ.get("HELPDESK_DATA", "data")) / "helpdesk.toml"


class Settings(BaseSettings):
    """One typed place for everything that differs between installations."""

    model_config = SettingsConfigDict(env_prefix="HELPDESK_", extra="forbid")

    data: Path = Field(Path("data"), description="Folder that holds the database, files and secret keys")
    database_url: str = Field("", description="SQLAlchemy address; empty: SQLite in the data folder")
    redis_url: str = Field("", description="Redis address; empty: no Redis, the database rings the bell")

    host: str = Field("127.0.0.1", description="Address the web server listens on")
    port: int = Field(8000, ge=0, le=65535, description="Port the web server listens on")
    web_processes: int = Field(1, ge=1, le=64, description="Web server processes")
    public_url: str = Field("", description="Address customers reach; every link starts with it")
    trusted_proxies: int = Field(0, ge=0, le=8, description="Reverse proxies in front (X-Forwarded-*)")

    mail_listen_host: str = Field("127.0.0.1", description="Address the mail listener binds to")
    smtp_listen_port: int = Field(2525, ge=0, le=65535, description="Port for SMTP in; 0: off")
    lmtp_listen_port: int = Field(0, ge=0, le=65535, description="Port for LMTP in; 0: off")
    mail_max_bytes: int = Field(42_000_000, ge=100_000, description="Largest mail accepted, in bytes")

    ingress_token: SecretStr = Field(
        SecretStr(""), description="Who hands mail over by HTTP (POST /mail/in) shows it; empty: off"
    )

    smtp_host: str = Field("", description="Server for mailboxes without their own; empty: local outbox")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field("starttls", description="Its encryption")
    smtp_user: str = Field("", description="User name for it; empty: no sign-in")
    smtp_password: SecretStr = Field(SecretStr(""), description="Password for it")
    smtp_timeout_s: int = Field(30, ge=1, le=600, description="Longest wait for it, in seconds")

    session_days: int = Field(30, ge=1, le=365, description="A sign-in ends after so many days unused")
    upload_max_files: int = Field(10, ge=0, le=100, description="Files per message")
    upload_max_bytes: int = Field(20_000_000, ge=1000, description="Largest single file, in bytes")
    form_limit: str = Field("12 per hour", description="Customer form posts per network address")
    sign_in_limit: str = Field(
        "10 per 15 minutes", description="Wrong passwords per network address and per person"
    )
    ack_per_hour: int = Field(200, ge=0, description="Acknowledgements the whole desk sends in an hour")

    metrics_token: SecretStr = Field(
        SecretStr(""), description="Who asks for /metrics shows it; empty: this machine"
    )

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level logged")
    log_json: bool = Field(False, description="Log lines as JSON")
    crash_at: str = Field("", description="For fault tests: die at this named point")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - named by the library
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - named by the library
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order: arguments, environment, then `helpdesk.toml`."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _toml_file()))

    @model_validator(mode="after")
    def _complete(self) -> "Settings":
        self.data = self.data.expanduser().resolve()
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data / 'helpdesk.db'}"
        if self.database_url.startswith(("postgres://", "postgresql://")):
            self.database_url = "postgresql+psycopg://" + self.database_url.split("://", 1)[1]
        if not self.public_url:
            shown = "localhost" if self.host in {"127.0.0.1", "0.0.0.0", "::1", "::"} else self.host  # noqa: S104 - compared, not bound
            self.public_url = f"http://{shown}:{self.port}"
        self.public_url = self.public_url.rstrip("/")
        return self

    @property
    def secure(self) -> bool:
        """Whether customers reach us by https, so that cookies may be marked Secure."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def sqlite(self) -> bool:
        """Whether the database is SQLite."""
        return self.database_url.startswith("sqlite")
