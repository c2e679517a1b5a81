"""The folder of data: where a video and its results lie, and that nothing else stays.

    <data>/lock                      held by the one server of this folder
    <data>/ledger.sqlite             the ledger
    <data>/ballast                   gives way when the ledger has no room to say what ended
    <data>/.affect-scratch/          the engine's own
    <data>/jobs/<id>/incoming        the video while it is being written
    <data>/jobs/<id>/video.mp4       until analysed, longer if its owner wants to keep it; jobs of
                                     the same content each hold a link to the one file
    <data>/jobs/<id>/face.png        the last face seen, while the job runs
    <data>/jobs/<id>/results/        what the report room wrote; appears whole or not at all

A job's folder without a row in the ledger is nothing: it is swept at start. What else somebody
keeps there is left alone.
"""

from __future__ import annotations

import errno
import filecmp
import os
import re
import secrets
import shutil
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePath
from typing import BinaryIO, TypeVar

from affect.contracts import VIDEO_SUFFIXES
from affect.errors import DiskFull, FolderUnusable, MediaTooLarge
from affect.jobs.job import Job

PIECE = 1 << 20
BALLAST = 1 << 20
Changed = TypeVar("Changed")
_OURS = re.compile(r"(gone-)?[0-9a-f]{32}")  # a job's folder, or one on its way out
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
UNUSABLE = frozenset(
    {errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.ESTALE}
)


@contextmanager
def room() -> Iterator[None]:
    """Turn the system's ways of saying that nothing can be kept into ours.

    Raises:
        DiskFull: the disk, a quota or the file system's largest file was reached.
        FolderUnusable: the folder is gone, or may not be written to.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull("There is not enough room on the disk.") from error
        if error.errno in UNUSABLE:
            raise FolderUnusable("The folder for data cannot be used.") from error
        raise


def too_large(max_bytes: int) -> MediaTooLarge:
    """What is said of a video of more bytes than are taken."""
    return MediaTooLarge(f"The video is larger than {max_bytes / 1e6:g} MB.")


class Storage:
    """The folders under one folder of data."""

    def __init__(self, data: Path) -> None:
        self.ledger = data / "ledger.sqlite"
        self.lock = data / "lock"
        self.ballast = data / "ballast"
        self.scratch = data / ".affect-scratch"
        self.jobs = data / "jobs"
        self._naming = threading.Lock()

    def prepare(self) -> None:
        """Make the folders; only their owner may look into the one of the jobs."""
        self.jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.load()

    def load(self) -> None:
        """Take the ballast on, where there is room for it."""
        if self.ballast.exists():
            return
        draft = self.ballast.with_suffix(".new")
        try:
            draft.write_bytes(os.urandom(BALLAST))  # zeros would be nothing where they are packed
            draft.replace(self.ballast)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def folder(self, job_id: str) -> Path:
        """All that is kept of a job."""
        return self.jobs / job_id

    def results(self, job_id: str) -> Path:
        """Where the published results lie."""
        return self.folder(job_id) / "results"

    def face(self, job_id: str) -> Path:
        """Where the last face seen lies, a PNG."""
        return self.folder(job_id) / "face.png"

    def video(self, job_id: str) -> Path | None:
        """Find the video; None when it is gone."""
        with suppress(FileNotFoundError):  # the folder goes just now
            return next(self.folder(job_id).glob("video*"), None)
        return None

    def check_free(self, need: int) -> None:
        """See that there is room for that many bytes.

        Raises:
            DiskFull: there is not.
            FolderUnusable: there is no such folder any more.
        """
        with room():
            free = shutil.disk_usage(self.jobs).free
        if free < need:
            raise DiskFull("There is not enough room on the disk for a video.")

    def receive(self, job_id: str, stream: BinaryIO, name: str, limit: int) -> Path:
        """Write a stream to the job's video; what was written stays when this raises.

        A content that another job has already is stored once: the file lives as long as one of
        the jobs that share it.

        Raises:
            MediaTooLarge: more than `limit` bytes came.
            DiskFull: the disk could not take it.
        """
        # A name given by a person reaches a path in no other way than by choosing one of these.
        suffix = PurePath(name).suffix.lower()
        video = self.folder(job_id) / f"video{suffix if suffix in VIDEO_SUFFIXES else ''}"
        with room():
            incoming = video.with_name("incoming")
            incoming.parent.mkdir()
            with incoming.open("xb") as file:
                size = 0
                while piece := stream.read(PIECE):
                    size += len(piece)
                    if size > limit:
                        raise too_large(limit)
                    file.write(piece)
            _sync(incoming)
            self._name(incoming, video)
            _sync(video.parent)
            _sync(self.jobs)
        return video

    def _name(self, incoming: Path, video: Path) -> None:
        """Give a whole video its name, which is then a link to the file of one like it."""
        with self._naming:
            for folder in self.jobs.iterdir():
                with suppress(OSError):  # it goes just now, or this file system has no links
                    for other in folder.glob("video*"):
                        if filecmp.cmp(incoming, other, shallow=False):
                            video.hardlink_to(other)
                            incoming.unlink()
                            return
            incoming.replace(video)

    def show_face(self, job_id: str, png: bytes) -> None:
        """Replace the last face seen; whoever reads it gets the old or the new one.

        Where that cannot be written nothing happens: the analysis is worth more than its picture.
        """
        new = self.face(job_id).with_suffix(".new")
        with suppress(OSError):
            new.write_bytes(png)
            new.replace(self.face(job_id))

    @contextmanager
    def publish(self, job_id: str) -> Iterator[Path]:
        """Give a folder to write results into; when the block ends they are there, at once.

        Raises:
            DiskFull: the disk could not take them; nothing is published.
        """
        draft = self.folder(job_id) / f"draft-{secrets.token_hex(4)}"
        try:
            with room():
                draft.mkdir()
                yield draft
                for path in (*draft.iterdir(), draft):
                    _sync(path)
                # Left by an attempt that died before the ledger heard of it.
                shutil.rmtree(self.results(job_id), ignore_errors=True)
                draft.rename(self.results(job_id))
                _sync(self.folder(job_id))
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def settle(self, job: Job) -> None:
        """Leave of a finished job its results, and its video if its owner keeps it with them.

        What cannot be removed stays until the job is deleted.
        """
        if not job.finished:
            return
        if not job.has_results:
            with suppress(FolderUnusable):
                self.remove(job.id)
            return
        kept = {self.results(job.id), self.video(job.id) if job.keep_video else None}
        for path in self.folder(job.id).glob("*"):
            if path not in kept:
                with suppress(OSError):
                    _remove(path)

    def remove(self, job_id: str) -> None:
        """Remove all that is kept of a job, whoever still writes there.

        Raises:
            FolderUnusable: something could not be removed; it lies where it was.
        """
        grave = self.jobs / f"gone-{secrets.token_hex(16)}"
        try:
            self.folder(job_id).rename(grave)  # whoever writes by path now fails
            _remove(grave)
            if grave.exists():
                grave.rename(self.folder(job_id))
                raise FolderUnusable("Not everything could be removed.")
        except FileNotFoundError:
            return
        except OSError as error:
            raise FolderUnusable("It could not be removed.") from error

    def sweep(self, known: Collection[str]) -> None:
        """Remove all of ours that is of none of the known jobs; only who holds the lock may."""
        ours = [path for path in self.jobs.iterdir() if _OURS.fullmatch(path.name)]
        for path in (self.scratch, *ours):
            if path.name not in known:
                with suppress(OSError):  # the next start tries again
                    _remove(path)

    def lightened(self, change: Callable[[], Changed]) -> Changed:
        """Change the ledger; where the disk is too full for that the ballast goes.

        Raises:
            DiskFull: even then there is no room.
        """
        try:
            return change()
        except DiskFull:
            self.ballast.unlink(missing_ok=True)
            return change()

    def freeing(self, job_id: str, change: Callable[[], Changed]) -> Changed:
        """As `lightened`; where that is not enough the job's own files go.

        Raises:
            DiskFull: even then there is no room.
        """
        try:
            return self.lightened(change)
        except DiskFull:
            self.remove(job_id)
            return change()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)  # others may be removing some of it just now
    else:
        path.unlink(missing_ok=True)
