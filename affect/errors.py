"""Everything that can go wrong, once: a stable code, a sentence for a person, and what to do.

AffectError
├── MediaError            the file is at fault
│   ├── UnreadableMedia   not a video this program can open
│   ├── NoVideoStream     opens, but holds no moving picture
│   └── MediaTooLarge     a limit is exceeded
├── CameraError           no camera, or it gives no picture
├── ModelError            model files missing or not what their card says
├── DataError             a data set is not of the expected form
├── SettingsError         a setting has a value that cannot be used
├── JobError              the job is at fault
│   ├── JobNotFound       unknown, deleted or malformed id
│   ├── ResultNotFound    no such file or person among the results
│   ├── JobNotFinished    results asked for too early
│   ├── QueueFull         too many jobs are waiting
│   ├── DiskFull          not enough room on the disk
│   ├── FolderUnusable    nothing can be kept where it should be
│   └── UploadRejected    the upload itself is wrong
└── Cancelled             someone asked to stop
"""

from __future__ import annotations

from typing import Final

# Said by whoever opens a file, and by the page before it sends one.
EMPTY_FILE: Final = "The file is empty."
NOT_A_VIDEO: Final = "The file is damaged, or it is not a video."


class AffectError(Exception):
    """Base of every error this package raises on purpose.

    Attributes:
        code: stable, machine-readable name.
        sentence: what is wrong, one sentence for a person.
        advice: what to do about it, one sentence for a person.
    """

    code = "error"
    advice = "Try again; if it happens again, please report it."

    def __init__(self, sentence: str, advice: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        return f"{self.sentence} {self.advice}"

    def __reduce__(self) -> tuple[type[AffectError], tuple[str, str]]:
        # Errors cross process borders (worker to server); both texts must survive pickling.
        return type(self), (self.sentence, self.advice)


class MediaError(AffectError):
    """The file is at fault."""

    code = "media"


class UnreadableMedia(MediaError):
    """The file is not a video this program can open."""

    code = "media-unreadable"
    advice = "Choose a video such as MP4, MOV, WebM, MKV or AVI that plays on this computer."


class NoVideoStream(MediaError):
    """The file opens, but holds no moving picture."""

    code = "media-no-video"
    advice = "Choose a file with a moving picture in it."


class MediaTooLarge(MediaError):
    """A limit on size, length, picture size or frame rate is exceeded."""

    code = "media-too-large"
    advice = "Cut or shrink the video, or raise the limit; the README lists the settings."


class CameraError(AffectError):
    """No camera, or it gives no picture."""

    code = "camera"
    advice = "Connect a camera, close other programs that use it, or pass a video file instead."


class ModelError(AffectError):
    """Model files are missing or are not what their card says."""

    code = "model"
    advice = "Install the program again; its model folder is incomplete or was changed."


class DataError(AffectError):
    """A data set is not of the expected form."""

    code = "data"
    advice = "The section Training of the README tells the forms that can be read."


class SettingsError(AffectError):
    """A setting has a value that cannot be used."""

    code = "settings"
    advice = "Correct the setting; the README lists each with its default."


class JobError(AffectError):
    """The job is at fault."""

    code = "job"


class JobNotFound(JobError):
    """Unknown, deleted or malformed id: all look the same."""

    code = "not-found"
    advice = "It may have been deleted: results are kept for a limited time only."


class ResultNotFound(JobError):
    """The job is known, but there is no such file or person in it."""

    code = "no-such-file"
    advice = "Charts need a face that can be read, and a video is kept only where that was asked."


class JobNotFinished(JobError):
    """Results were asked for before there are any."""

    code = "not-finished"
    advice = "Wait until the analysis has finished."


class QueueFull(JobError):
    """Too many jobs are waiting."""

    code = "queue-full"
    advice = "Wait until some of the analyses have finished, then send it again."


class DiskFull(JobError):
    """Not enough room on the disk."""

    code = "disk-full"
    advice = "Free some disk space, then try again."


class FolderUnusable(JobError):
    """The folder for data is gone, or may not be written to."""

    code = "folder-unusable"
    advice = "See that the folder for data is there and may be written to, then try again."


class UploadRejected(JobError):
    """The upload itself is wrong: there is no file in it."""

    code = "upload-rejected"
    advice = "Choose a video file and send it again."


class Cancelled(AffectError):
    """Someone asked to stop."""

    code = "cancelled"
    advice = "Send the video again to analyse it after all."
