"""A bucket of anything that speaks S3: Aliyun OSS, Tencent COS, MinIO, AWS. By obstore."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from huoshui.intake.pickup import addresses, rules
from huoshui.intake.pickup.faults import Fault, missing
from huoshui.intake.pickup.places.base import CHUNK, MOST, Seen, Sink, entry_of
from huoshui.intake.pickup.types import Entry

if TYPE_CHECKING:
    from obstore.store import S3Store

# These answer only where the bucket is part of the host's name
_BY_HOST: Final = (".aliyuncs.com", ".myqcloud.com")
_GIVE_UP: Final = timedelta(seconds=40)


class Bucket:
    is_atomic = True
    host_key = ""

    def __init__(self, place: Mapping[str, str], secret: Mapping[str, str]) -> None:
        try:
            import obstore
            from obstore.store import S3Store
        except ImportError:
            raise missing("obstore") from None
        self._obstore = obstore
        self._root = place.get("path", "").strip("/")
        endpoint = place.get("endpoint", "").rstrip("/")
        region = place.get("region") or "us-east-1"
        is_by_host = not endpoint
        if endpoint:
            parts = urlsplit(endpoint)
            host = parts.hostname or ""
            addresses.resolved(host, parts.port or (443 if parts.scheme == "https" else 80))
            is_by_host = host.endswith(_BY_HOST)
            if is_by_host and not host.startswith(f"{place['bucket']}."):
                endpoint = f"{parts.scheme}://{place['bucket']}.{parts.netloc}"
        with self._told():
            self._store: S3Store = S3Store(
                place["bucket"],
                access_key_id=place["user"],
                secret_access_key=secret.get("password", ""),
                region=region,
                virtual_hosted_style_request=is_by_host,
                client_options={
                    "connect_timeout": timedelta(seconds=10),
                    "read_timeout": timedelta(seconds=60),
                    "timeout": timedelta(hours=6),
                    "allow_http": endpoint.startswith("http://"),
                },
                retry_config={"max_retries": 2, "retry_timeout": _GIVE_UP},
                endpoint=endpoint or None,
            )

    def look(self, patterns: tuple[str, ...]) -> list[Entry]:
        wanted = rules.matcher(patterns)
        found: dict[str, Entry] = {}
        names: set[str] = set()
        with self._told():
            for seen in self._listed(patterns):
                path = seen["path"].removeprefix(f"{self._root}/" if self._root else "")
                names.add(path)
                folder, _, name = path.rpartition("/")
                fit = all(rules.is_fit_name(step) for step in path.split("/"))
                if fit and wanted.fullmatch(path) and not rules.is_unfinished(name):
                    found[path] = _entry(folder, name, seen)
        return rules.with_markers(list(found.values()), frozenset(names))

    def _listed(self, patterns: tuple[str, ...]) -> Iterator[Any]:
        looked = 0
        for prefix in sorted({self._prefix(pattern) for pattern in patterns}):
            for chunk in self._obstore.list(self._store, prefix or None):
                for seen in chunk:
                    looked += 1
                    if looked > MOST:
                        raise Fault("too_many_files")
                    yield seen

    def _prefix(self, pattern: str) -> str:
        """The folders before the first sign that may be anything: only they are listed."""
        steps = []
        for step in pattern.split("/")[:-1]:
            if "*" in step or "?" in step:
                break
            steps.append(step)
        return "/".join([*([self._root] if self._root else []), *steps])

    def fetch(self, entry: Entry, target: Sink) -> None:
        taken = 0
        with self._told():
            # The store itself sees to it that we get the version that was listed
            answer = self._obstore.get(self._store, self._at(entry.path), options={"if_match": entry.tag})
            for chunk in answer.stream(min_chunk_size=CHUNK):
                taken += len(chunk)
                target.write(chunk)
        if taken != entry.size:
            raise Fault("lost")

    def put_away(self, entry: Entry, target: str) -> None:
        with self._told():
            source, goal = self._at(entry.path), self._at(target)
            if self._obstore.head(self._store, source)["e_tag"] != entry.tag:
                raise Fault("changed")
            self._obstore.copy(self._store, source, goal)
            if self._obstore.head(self._store, goal)["e_tag"] != entry.tag:
                raise Fault("changed")  # another came in between: both stay where they are
            self._obstore.delete(self._store, source)

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}" if self._root else path

    @contextmanager
    def _told(self) -> Iterator[None]:
        errors = self._obstore.exceptions
        try:
            yield
        except errors.PreconditionError:
            raise Fault("changed") from None
        except (FileNotFoundError, errors.NotFoundError) as error:
            raise Fault("no_folder" if "NoSuchBucket" in str(error) else "vanished") from None
        except errors.UnauthenticatedError:
            raise Fault("wrong_password") from None
        except errors.PermissionDeniedError as error:
            raise Fault(_refusal(str(error))) from None
        except errors.BaseError as error:
            raise Fault(_failure(str(error))) from None

    def close(self) -> None:
        pass


def _entry(folder: str, name: str, seen: Any) -> Entry:
    modified, tag = seen["last_modified"], seen["e_tag"] or ""
    mark = f"{seen['size']}:{modified.isoformat()}:{tag}"
    return entry_of(folder, Seen(name, False, True, seen["size"], mark, modified.timestamp()), tag=tag)


def _refusal(text: str) -> str:
    """403 is said of a wrong key and of a right one without rights alike; only the code within tells."""
    wrong = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "AuthFailure")
    return "wrong_password" if any(code in text for code in wrong) else "denied"


# obstore tells kinds by words only; in this order, for a connection that timed out is told as both
_FAILURES: Final = (
    ("NoSuchBucket", "no_folder"),
    ("InvalidAccessKeyId", "wrong_password"),
    ("SignatureDoesNotMatch", "wrong_password"),
    ("certificate", "bad_certificate"),
    ("kind: Connect", "unreachable"),
    ("kind: Timeout", "slow"),
    ("kind: Decode", "lost"),
    ("kind: Interrupted", "lost"),
    ("kind: Body", "lost"),
    ("status: 404", "no_folder"),
    ("status: 403", "denied"),
    ("status: 401", "wrong_password"),
)


def _failure(text: str) -> str:
    return next((code for words, code in _FAILURES if words in text), "failed")
