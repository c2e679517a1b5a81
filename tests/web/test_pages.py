"""What a person can do on the pages, without a script."""

from __future__ import annotations

import base64
import io
from typing import Any
from urllib.parse import unquote

import pytest
from conftest_web import Page, Worker, make_report, reading
