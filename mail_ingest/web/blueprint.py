"""The blueprint the pages about incoming mail hang on; only who may see where mail went passes."""

from flask import Blueprint

from helpdesk.people.access import guard

bp = Blueprint("mail_ingest", __name__, template_folder="../templates", url_prefix="/a/mail")
guard(bp, lambda viewer: viewer.sees_mail)
