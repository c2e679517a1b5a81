"""A form that cannot be taken says why."""

from __future__ import annotations

from typing import IO

from flask import Request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

from affect.errors import UploadRejected
from affect.jobs.storage import room


class FormParser(FormDataParser):
    """Werkzeug's, which by itself takes an unreadable form for an empty one."""

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]:
        """Read the fields and files.

        Raises:
            UploadRejected: a name is not UTF-8, or there are too many or too long fields.
            DiskFull: no room for a file.
            RequestEntityTooLarge: a body of unknown length goes over the limit.
        """
        self.silent = False
        try:
            with room():
                return super().parse(stream, mimetype, content_length, options)
        except UnicodeDecodeError as error:
            raise UploadRejected(
                "The name of the file cannot be read.",
                "Rename the file in plain letters, then send it again.",
            ) from error
        except ValueError:
            return stream, self.cls(), self.cls()
        except RequestEntityTooLarge as error:
            # A known length was compared with the limit before: only the fields can be too large.
            if content_length is None:
                raise
            raise UploadRejected(
                "The form holds more than a video and a few short fields.",
                "Send the video alone, in the field named file.",
            ) from error


class FormRequest(Request):
    """A request whose form is read so."""

    form_data_parser_class = FormParser
