"""S3, against a server of its API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import S3Store

from huoshui.core.actor import SYSTEM
from huoshui.intake.imports.tests.shop import SALES, sums
from huoshui.intake.pickup import api as pickup
from huoshui.intake.pickup.tests.places import asked, begun, fault, items, look, states
from huoshui.intake.pickup.tests.servers import s3


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3() as address:
        yield address


@pytest.fixture
def bucket(endpoint: str) -> S3Store:
    import httpx

    httpx.post(f"{endpoint}/moto-api/reset")
    httpx.put(f"{endpoint}/shop-reports", headers={"Authorization": AUTHORIZED})
    return S3Store(
        "shop-reports",
        endpoint=endpoint,
        access_key_id="key",
        secret_access_key="secret",
        region="us-east-1",
        client_options={"allow_http": True},
    )


AUTHORIZED = (
    "AWS4-HMAC-SHA256 Credential=key/20260302/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=x"
)


def over(endpoint: str, **files: Any) -> pickup.Asked:
    place = {"endpoint": endpoint, "bucket": "shop-reports", "user": "key", "path": "日报"}
    return asked("s3", place, files=files, secret={"password": "secret"})


def put(bucket: S3Store, name: str, text: str) -> None:
    obstore.put(bucket, name, text.encode("utf-8-sig"))


def test_an_object_comes_in_once_and_is_moved(shop: Path, bucket: S3Store, endpoint: str) -> None:
    put(bucket, "日报/20260301/一日.csv", SALES)
    put(bucket, "日报/说明.txt", "x")
    put(bucket, "别的/二日.csv", SALES)
    pickup_id = begun(over(endpoint, pattern="**/*.csv", done_folder="已取"))
    look(pickup_id)  # an object is whole as soon as it is there
    look(pickup_id)
    (item,) = items(pickup_id)
    assert (item.path, item.state, item.put_away) == ("20260301/一日.csv", "done", f"已取/一日-{item.id}.csv")
    assert sums()[:2] == (2, 5050)
    names = {seen["path"] for chunk in obstore.list(bucket) for seen in chunk}
    assert names == {f"日报/{item.put_away}", "日报/说明.txt", "别的/二日.csv"}
    look(pickup_id)
    assert len(items(pickup_id)) == 1


def test_a_new_version_is_told_again_and_the_same_is_known(
    shop: Path, bucket: S3Store, endpoint: str
) -> None:
    put(bucket, "日报/一日.csv", SALES)
    pickup_id = begun(over(endpoint))
    look(pickup_id)
    put(bucket, "日报/一日.csv", SALES.replace("15.00", "16.00"))
    look(pickup_id)
    assert sums()[:2] == (2, 5150)
    assert states(pickup_id) == [("一日.csv", "done"), ("一日.csv", "done")]


def test_faults(shop: Path, bucket: S3Store, endpoint: str) -> None:
    pickup_id = begun(over(endpoint))
    look(pickup_id)
    assert fault(pickup_id) == ""
    told = over(endpoint)
    for n, (change, code) in enumerate(
        (
            ({"bucket": "no-such-bucket"}, "no_folder"),
            ({"endpoint": "http://127.0.0.1:1"}, "unreachable"),
            ({"endpoint": "http://169.254.169.254"}, "forbidden_address"),
            ({"endpoint": "http://100.100.100.200"}, "forbidden_address"),
        )
    ):
        pickup_id = begun(asked("s3", {**told.place, **change}, secret=dict(told.secret), name=f"坏 {n}"))
        look(pickup_id)
        assert fault(pickup_id) == code
        assert "secret" not in pickup.pickup_for(SYSTEM, pickup_id).said
