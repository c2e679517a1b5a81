"""The Flask application: one blueprint a subject, everything it needs passed in."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from affect.contracts import GOOD_POSTURE
from affect.emotions import COLORS
from affect.jobs import FORM_BYTES, Jobs
from affect.report.words import DISCLAIMER
from affect.resources import folder
from affect.settings import Settings
from affect.web import api, health, pages, problems, security, uploads, words
from affect.web.context import Context
from affect.web.form import FormRequest


def create_app(settings: Settings, jobs: Jobs) -> Flask:
    """The page and the API over these jobs; neither starts nor stops them."""
    app = Flask(
        "affect",
        template_folder=str(folder("templates").resolve()),
        static_folder=str(folder("static").resolve()),
    )
    app.request_class = FormRequest
    app.config.update(
        MAX_CONTENT_LENGTH=settings.limits.max_bytes + FORM_BYTES,
        PERMANENT_SESSION_LIFETIME=timedelta(days=31),
    )
    app.extensions["affect"] = Context(settings, jobs)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(colors=COLORS, good_posture=GOOD_POSTURE, disclaimer=DISCLAIMER)

    # In this order: who asks, whether there is room, and only then is a body read.
    security.protect(app, settings)
    app.before_request(uploads.check_room)
    problems.register(app)
    for blueprint in (pages.blueprint, api.blueprint, health.blueprint):
        app.register_blueprint(blueprint)
    return app
