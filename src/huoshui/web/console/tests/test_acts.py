"""What the pages do: sign in, search, open a number, import."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huoshui.web.console.tests.stand_in_insight import LAST
from huoshui.web.console.tests.stand_ins import OPERATOR, WHOLE, House, card, run

HTMX = {"hx-request": "true"}


def text_of(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.decode())).replace("\u00a0", " ")


def test_sign_in_leads_to_where_one_wanted(visitor: Client) -> None:
    User.objects.create_user("lin", password="a-long-password")
    form = {"username": "lin", "password": "a-long-password", "next": "/people/"}
    response = visitor.post("/login/", form)
    assert (response.status_code, response.headers["Location"]) == (302, "/people/")


def test_a_wrong_password_answers_422_and_says_so(visitor: Client) -> None:
    response = visitor.post("/login/", {"username": "lin", "password": "guess"})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert "账号或密码不对" in response.content.decode()


def test_after_too_many_misses_the_account_is_locked_and_told_so(visitor: Client) -> None:
    User.objects.create_user("lin", password="a-long-password")
    for _ in range(settings.AXES_FAILURE_LIMIT):
        response = visitor.post("/login/", {"username": "lin", "password": "guess"})
    assert response.status_code == 429
    assert "账号先锁一会儿" in response.content.decode()
    assert visitor.post("/login/", {"username": "lin", "password": "a-long-password"}).status_code == 429


def test_a_login_without_a_post_is_told_so(boss: Client, house: House) -> None:
    house.brand.actor = None
    response = boss.get("/")
    assert response.status_code == 403
    assert "还没有岗位，请联系总部管理员" in response.content.decode()


def test_the_browser_does_not_choose_the_language(boss: Client) -> None:
    assert 'lang="zh-hans"' in boss.get("/", headers={"accept-language": "en"}).content.decode()[:200]


def test_the_language_is_switched_by_the_menu(boss: Client) -> None:
    boss.post("/language/", {"language": "en", "next": "/"})
    assert 'lang="en"' in boss.get("/").content.decode()[:200]


def test_today_says_first_what_the_day_was(boss: Client) -> None:
    said = text_of(boss.get("/").content)
    assert "2017 年 12 月 31 日卖了 ¥1,200，比往常的周日少 4.0%，在正常波动里，不用管。" in said
    assert "数据到 2017 年 12 月 31 日 为止" in said
    assert "环比 +11.1%" in said and "去年没有数据可比" in said


def test_a_thin_last_day_of_old_data_is_not_called_today(boss: Client, house: House) -> None:
    house.insight.tail = LAST + timedelta(days=1)
    assert "2018 年 1 月 1 日只有零星几单，像是没收全，没有算作一天" in text_of(boss.get("/").content)


def test_a_day_beyond_its_range_is_called_out(boss: Client, house: House) -> None:
    house.insight.amount, house.insight.verdict = 20_000, "below"
    html = boss.get("/").content
    assert "少 84.0%，超出正常波动" in text_of(html)
    assert 'class="hs-dl down bad"' in html.decode()


def test_a_day_that_still_runs_says_up_to_when(boss: Client, house: House) -> None:
    house.insight.day, house.insight.until = LAST + timedelta(days=7), "16:20"
    with time_machine.travel("2018-01-07T08:20:00+00:00"):
        boss.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
        said = text_of(boss.get("/").content)
    assert "今天到 16:20 卖了 ¥1,200，比往常的周日少 4.0%" in said
    assert "数据到" not in said


def test_the_chart_carries_its_figures_and_its_message(boss: Client) -> None:
    html = boss.get("/").content.decode()
    found = re.search(r'<script id="d-expect" type="application/json">(.*?)</script>', html)
    assert found
    chart = json.loads(found[1])
    assert len(chart["days"]) == len(chart["actual"]) == len(chart["lo"]) == 30
    assert chart["actual"][-1] == 1200.0 and chart["lo"][-1] == 900.0
    assert "近 30 天成交额：0 天低于正常范围" in html


def test_stores_and_categories_name_what_is_out_of_range(boss: Client) -> None:
    said = text_of(boss.get("/today/store/", headers=HTMX).content)
    assert "¥1,000" in said and "¥200.0" in said and "1 个在正常波动里" in said
    opened = re.findall(
        r'href="(/behind/today/[^"]+)"', boss.get("/today/category/", headers=HTMX).content.decode()
    )
    assert len(opened) == 1 and "cell.day=2017-12-31" in opened[0]


def test_before_the_first_sale_the_page_says_what_to_do(boss: Client, house: House) -> None:
    house.insight.is_empty = True
    assert "接上第一份销售数据，这里就会活起来" in text_of(boss.get("/").content)
    assert boss.get("/today/store/", headers=HTMX).status_code == 404


def test_a_group_too_small_for_a_portrait_says_so(boss: Client, house: House) -> None:
    house.insight.refusal = "这群人只有 3 位，少于 10 位，看不出特点，也容易认出是谁。"
    html = boss.get("/groups/portrait/?group=high", headers=HTMX).content.decode()
    assert "这群人只有 3 位" in html and "data-chart" not in html


def test_one_panel_fails_alone_and_offers_a_retry(
    boss: Client, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.insight.broken = {"groups"}
    response = boss.get("/groups/matrix/", headers=HTMX)
    assert response.status_code == 500
    html = response.content.decode()
    number = re.search(r'<span class="hs-n">(\w+)</span>', html)
    assert number and number[1] in caplog.text
    assert 'hx-get="/groups/matrix/"' in html
    assert boss.get("/groups/rfm/", headers=HTMX).status_code == 200


def test_a_question_is_asked_again_only_when_the_lake_moved_on(boss: Client, house: House) -> None:
    for _ in range(2):
        boss.get("/groups/matrix/", headers=HTMX)
    assert [name for name, _params in house.insight.asked] == ["groups"]
    house.lake.moved += 1
    boss.get("/groups/matrix/", headers=HTMX)
    assert [name for name, _params in house.insight.asked] == ["groups", "groups"]


def test_a_number_opens_into_its_people(boss: Client, house: House) -> None:
    html = boss.get("/").content.decode()
    url = re.search(r'class="hs-open hs-n" href="([^"]+)"', html)
    assert url
    drawer = boss.get(url[1].replace("&amp;", "&"), headers=HTMX).content
    assert "2017 年 12 月 31 日买过，有 5 位认得出的顾客。" in text_of(drawer)
    assert "<html" not in drawer.decode()
    assert drawer.decode().count('href="/people/1') == 5


def test_a_long_list_goes_on_from_its_last_id(boss: Client, house: House) -> None:
    house.insight.ids = list(range(1, 121))
    house.people.cards = {i: card(i) for i in house.insight.ids}
    first = boss.get("/behind/sales/?by=day", headers=HTMX).content.decode()
    after = re.search(r"after=(\d+)", first)
    assert after and after[1] == "50"
    more = boss.get("/behind/sales/?by=day&after=100", headers=HTMX).content.decode()
    assert more.count('<th class="nm"') == 20 and "after=" not in more


def test_people_are_filtered_by_what_was_chosen(boss: Client, house: House) -> None:
    with time_machine.travel("2017-12-31T05:00:00+00:00"):
        boss.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
        boss.get("/people/?q= 5527 &grade=high&group=low_high&store=7&silent=30&tier=金卡会员", headers=HTMX)
    text, filters, _after = house.people.searched[-1]
    assert text == "5527"
    assert (filters.grade, filters.frequency, filters.ticket, filters.home_org_unit_id) == (
        "high",
        "low",
        "high",
        7,
    )
    assert (filters.tier, filters.silent_days) == ("金卡会员", 30)


def test_silence_counts_from_the_last_day_of_old_data(boss: Client, house: House) -> None:
    with time_machine.travel("2018-01-30T05:00:00+00:00"):
        boss.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
        boss.get("/people/?silent=30")
    assert house.people.searched[-1][1].silent_days == 30 + (date(2018, 1, 30) - LAST).days


def test_a_choice_that_is_not_on_offer_chooses_nothing(boss: Client, house: House) -> None:
    assert boss.get("/people/?grade=best&store=99&silent=1&group=x_y").status_code == 200
    _text, filters, _after = house.people.searched[-1]
    assert (filters.grade, filters.frequency, filters.home_org_unit_id, filters.silent_days) == (
        "",
        "",
        None,
        None,
    )


def test_a_cursor_that_no_longer_reads_starts_again(boss: Client, house: House) -> None:
    assert boss.get("/people/?after=broken").status_code == 200
    assert [after for _text, _filters, after in house.people.searched] == ["broken", ""]


def test_searching_swaps_the_list_only(boss: Client) -> None:
    html = boss.get("/people/?q=没有这个人", headers=HTMX).content.decode()
    assert "<html" not in html and "没有找到符合条件的顾客" in html
    assert (
        "<html"
        in boss.get("/people/", headers=HTMX | {"hx-history-restore-request": "true"}).content.decode()
    )


def test_a_person_is_told_by_their_own_rhythm(boss: Client) -> None:
    said = text_of(boss.get("/people/11/").content)
    assert "平常大约 7 天来一次，当天就来过。" in said
    assert "¥1,235" in said and "5 单" not in said


def test_of_who_does_not_want_to_be_profiled_no_return_is_guessed(
    boss: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.sales.sold = house.sales.sold[3:]
    house.people.cards[11] = card(11, last_sale_at=house.sales.sold[0].occurred_at)
    guessed = boss.get("/people/11/").content.decode()
    monkeypatch.setattr(house.people, "unprofiled", lambda person_ids: set(person_ids), raising=False)
    page = boss.get("/people/11/").content.decode()
    assert "快用完了，该回购" in guessed and "快用完了，该回购" not in page
    assert "不推算什么时候再来" in page and "平常大约" not in page


def test_a_late_person_is_called_late(boss: Client, house: House) -> None:
    house.sales.sold = house.sales.sold[3:]
    house.people.cards[11] = card(11, last_sale_at=house.sales.sold[0].occurred_at)
    said = text_of(boss.get("/people/11/").content)
    assert "这次已经 21 天没来，比自己的习惯晚了" in said
    assert "快用完了，该回购" in said


def test_the_contact_is_never_whole(boss: Client) -> None:
    html = boss.get("/people/11/").content.decode()
    assert "5527" in html
    assert not re.search(r"1[3-9]\d{9}", html)


REVEAL = "/people/11/contacts/1/"


def test_whoever_may_see_contacts_finds_the_button_to_one(boss: Client, house: House) -> None:
    html = boss.get("/people/11/").content.decode()
    (form,) = re.findall(rf'<form method="post" action="{REVEAL}".*?</form>', html, re.DOTALL)
    assert f'hx-post="{REVEAL}"' in form and "csrfmiddlewaretoken" in form
    assert 'aria-label="查看完整号码（会留痕）"' in form and "查看" in text_of(form.encode())
    assert 'id="contact-1" aria-live="polite"' in html and "会留痕" in text_of(html.encode())
    house.brand.actor = OPERATOR
    shown = boss.get("/people/11/").content.decode()
    assert "•••• 5527" in shown and f'action="{REVEAL}"' not in shown and "查看完整号码" not in shown


def test_asking_swaps_in_the_whole_number_and_nothing_keeps_it(boss: Client, house: House) -> None:
    response = boss.post(REVEAL, headers=HTMX)
    assert response.status_code == 200
    assert text_of(response.content).strip() == WHOLE
    assert "<html" not in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert [asked[1:] for asked in house.people.revealed] == [(11, 1)]
    assert WHOLE not in boss.get("/people/11/").content.decode()


def test_without_scripts_the_page_comes_again_with_that_one_whole(boss: Client) -> None:
    response = boss.post(REVEAL)
    html = response.content.decode()
    assert response.status_code == 200 and "<html" in html and html.count(WHOLE) == 1
    assert "no-store" in response.headers["Cache-Control"]


def test_opening_the_address_of_a_contact_reveals_nothing(boss: Client, house: House) -> None:
    for headers in ({}, HTMX):
        response = boss.get(REVEAL, headers=headers)
        assert response.status_code == 405 and WHOLE not in response.content.decode()
    assert house.people.revealed == []


def test_whoever_may_not_see_contacts_is_told_so(boss: Client, house: House) -> None:
    house.brand.actor = OPERATOR
    for headers in ({}, HTMX):
        response = boss.post(REVEAL, headers=headers)
        assert response.status_code == 422 and WHOLE not in response.content.decode()
    assert "您的岗位不能查看完整号码。" in text_of(response.content)
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert "Your post may not see whole numbers." in text_of(boss.post(REVEAL, headers=HTMX).content)
    assert house.people.revealed == []


@pytest.mark.parametrize(
    "path", ["/people/99/contacts/1/", "/people/11/contacts/2/", "/people/11/contacts/9/"]
)
def test_a_contact_that_is_not_there_is_not_found(boss: Client, house: House, path: str) -> None:
    assert boss.post(path, headers=HTMX).status_code == 404
    assert house.people.revealed == []


def test_a_contact_is_not_shown_to_another_site(boss: Client, house: House) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(User.objects.get(), backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(REVEAL, headers=HTMX).status_code == 403
    assert house.people.revealed == []


def test_a_sale_shows_what_it_brought_about_in_english(boss: Client) -> None:
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    said = text_of(boss.get("/people/11/sales/101/", headers=HTMX).content)
    for part in (
        "Sale recorded",
        "1 lines",
        "+29 points",
        "Expire at the end of 2018-12",
        "¥29.90",
        "Needs a look",
    ):
        assert part in said


def test_the_timeline_goes_on_without_repeating(boss: Client) -> None:
    page = boss.get("/people/11/").content.decode()
    more = re.search(r'href="(/people/11/timeline/[^"]+)"', page)
    assert more
    older = boss.get(more[1], headers=HTMX).content.decode()
    shown = set(re.findall(r"sale=(\d+)", page))
    assert shown and shown.isdisjoint(re.findall(r"sale=(\d+)", older))


def test_an_upload_becomes_a_run(boss: Client, house: House) -> None:
    files = [SimpleUploadedFile("a.csv", b"x"), SimpleUploadedFile("b.csv", b"y")]
    response = boss.post("/imports/", {"files": files, "kind": ""})
    assert response.headers["Location"] == "/imports/1/"
    assert house.imports.uploaded == [["a.csv", "b.csv"]]


def test_an_upload_of_nothing_answers_422(boss: Client, house: House) -> None:
    boss.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    response = boss.post("/imports/", {"kind": ""})
    assert response.status_code == 422
    assert "Please choose files to import first." in response.content.decode()
    assert house.imports.uploaded == []


MAPPING = {"kind": "sales", "mode": "history", "column-0": "order_no", "column-1": "amount", "column-2": ""}


def test_a_trial_keeps_the_mapping_and_starts(boss: Client, house: House) -> None:
    response = boss.post("/imports/1/start/", MAPPING | {"act": "try"})
    assert response.headers["Location"] == "/imports/1/"
    assert house.imports.mapped == [(1, {"order_no": "单号", "amount": "金额"}, "sales", "history")]
    assert house.imports.started == [(1, True)]


def test_only_the_import_button_imports(boss: Client, house: House) -> None:
    boss.post("/imports/1/start/", MAPPING | {"act": "import"})
    boss.post("/imports/1/start/", MAPPING | {"act": "anything"})
    assert house.imports.started == [(1, False), (1, True)]


def test_one_field_from_two_columns_answers_422_and_starts_nothing(boss: Client, house: House) -> None:
    posted = MAPPING | {"column-2": "order_no", "act": "import"}
    response = boss.post("/imports/1/start/", posted)
    assert response.status_code == 422
    html = response.content.decode()
    assert "对应了两列，请只留一列" in html
    assert house.imports.mapped == [] and house.imports.started == []
    # what was chosen stands in the form again
    assert len(re.findall(r'value="order_no" selected', html)) == 2
    assert re.search(r'value="history" checked', html)


def test_another_kind_reads_the_headers_anew(boss: Client, house: House) -> None:
    boss.post("/imports/1/start/", MAPPING | {"kind": "people", "act": "rematch"})
    assert house.imports.mapped == [(1, None, "people", "history")]
    assert house.imports.started == []


def test_a_run_that_runs_is_not_started_again(boss: Client, house: House) -> None:
    response = boss.post("/imports/2/start/", {"act": "import"})
    assert response.status_code == 422
    assert "这次导入已经在进行了" in response.content.decode()
    assert house.imports.started == []


def test_an_unknown_kind_answers_422(boss: Client, house: House) -> None:
    response = boss.post("/imports/1/start/", MAPPING | {"kind": "secrets", "act": "import"})
    assert response.status_code == 422 and house.imports.started == []


def test_progress_polls_while_it_runs_and_stops_after(boss: Client, house: House) -> None:
    html = boss.get("/imports/2/", headers=HTMX).content.decode()
    assert 'hx-trigger="every 1s"' in html and 'aria-valuenow="41.7"' in html
    assert "50 / 120" in html and "大约还要 2 分钟" in html
    house.imports.runs_[2] = run(2, state="done", counts={"rows": 120})
    assert "hx-trigger" not in boss.get("/imports/2/", headers=HTMX).content.decode()


def test_an_unreadable_file_says_why_and_offers_no_import(boss: Client, house: House) -> None:
    house.imports.refusal = "文件里混着两种文字编码。请把几份文件分开导入，或在 Excel 里另存为「CSV UTF-8」。"
    html = boss.get("/imports/1/").content.decode()
    assert "混着两种文字编码" in html
    assert 'value="import"' not in html


def test_the_rows_to_mend_are_downloaded(boss: Client) -> None:
    response = boss.get("/imports/3/problems.csv")
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    assert boss.get("/imports/4/problems.csv").status_code == 404


def test_a_form_without_its_token_is_refused_in_words(house: House, db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "这一页开得太久，过期了" in response.content.decode()
