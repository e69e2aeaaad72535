"""The WeCom API over HTTP: as much of it as a contact way takes. Called outside of any transaction.

Contract: https://developer.work.weixin.qq.com/document/path/91039 (gettoken), /92228 (contact way), /92571 (follow users).
"""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from django.conf import settings

from huoshui.intake.wecom.faults import NO_ANSWER, NO_IMAGE
from huoshui.intake.wecom.types import Access, Fault, Made

SECONDS: Final = 5.0
_LARGEST: Final = 1 << 20
_PICTURES: Final = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpeg", b"GIF8": "gif"}
_PICTURE_HOSTS: Final = (".qpic.cn", ".weixin.qq.com", ".qlogo.cn")
_ADDRESS: Final = re.compile(r"from ip:\s*([0-9a-fA-F.:]+)")


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What is fetched lies where it was said to lie."""

    def redirect_request(self, *told: Any, **more: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


class Client:
    """Of one house, at one address. Every call raises Fault."""

    def __init__(self, base: str, *, seconds: float = SECONDS) -> None:
        self._base, self._seconds = base.rstrip("/"), seconds

    def fetch_token(self, access: Access) -> tuple[str, int]:
        """The token, and for how many seconds it is good."""
        asked = urlencode({"corpid": access.corp_id, "corpsecret": access.secret})
        told = self._ask(f"/cgi-bin/gettoken?{asked}")
        return str(told["access_token"]), int(told["expires_in"])

    def add_way(self, token: str, *, user: str, state: str) -> Made:
        """For one of the staff alone (type 1), by a picture to scan (scene 2); whoever scans it needs nobody's nod."""
        asked = {"type": 1, "scene": 2, "user": [user], "state": state, "skip_verify": True}
        told = self._ask(f"/cgi-bin/externalcontact/add_contact_way?access_token={quote(token)}", asked)
        return Made(str(told["config_id"]), str(told["qr_code"]))

    def drop_way(self, token: str, config_id: str) -> None:
        path = f"/cgi-bin/externalcontact/del_contact_way?access_token={quote(token)}"
        self._ask(path, {"config_id": config_id})

    def followers(self, token: str) -> int:
        """How many of the staff may add customers."""
        told = self._ask(f"/cgi-bin/externalcontact/get_follow_user_list?access_token={quote(token)}")
        return len(told.get("follow_user", []))

    def picture(self, url: str) -> str:
        """As a data: address. From WeCom's own hosts only: where it lies comes from outside."""
        parts, own = urlsplit(url), urlsplit(self._base)
        is_own = (parts.scheme, parts.netloc) == (own.scheme, own.netloc)
        if not is_own and not (parts.scheme == "https" and (parts.hostname or "").endswith(_PICTURE_HOSTS)):
            raise Fault(NO_IMAGE)
        try:
            raw = self._read(urllib.request.Request(url))
        except Fault as fault:
            raise Fault(NO_IMAGE) from fault
        kind = next((kind for begins, kind in _PICTURES.items() if raw.startswith(begins)), None)
        if kind is None:
            raise Fault(NO_IMAGE)
        return f"data:image/{kind};base64,{base64.b64encode(raw).decode()}"

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        request = urllib.request.Request(  # the address is the operator's own setting
            self._base + path,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            told = json.loads(self._read(request))
            code = int(told.get("errcode", 0))
        except (ValueError, AttributeError, TypeError) as error:
            raise Fault(NO_ANSWER) from error
        if code:
            # Never its whole sentence: it repeats tokens and ids
            seen = _ADDRESS.search(str(told.get("errmsg", "")))
            raise Fault(code, seen[1] if seen else "")
        return dict(told)

    def _read(self, request: urllib.request.Request) -> bytes:
        try:
            with _opener.open(request, timeout=self._seconds) as answer:
                raw: bytes = answer.read(_LARGEST + 1)
        except (
            OSError
        ) as error:  # also what HTTP refuses, and time-outs; `from None`: its address carries the token
            raise Fault(NO_ANSWER, type(error).__name__) from None
        if len(raw) > _LARGEST:
            raise Fault(NO_ANSWER)
        return raw


def client() -> Client:
    """In a demo the one it asks is a simulator on this machine, and never WeCom."""
    if settings.HUOSHUI_DEMO:
        from huoshui.intake.wecom.simulator import standing_by

        return Client(standing_by().url)
    return Client(settings.HUOSHUI_WECOM_API)
