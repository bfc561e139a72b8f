"""Dates, states and places in words."""

import pytest

from gateway.portal.answers import label_of
from gateway.portal.doors import BEHIND, DOORS, current_of, door_of
from gateway.portal.forms import Form
from gateway.portal.pages.registration import mend
from gateway.portal.steps import place_of
from gateway.portal.visit import own_path
from gateway.portal.words import REGISTRATION, day, device, fiscal_year, moment
from services.registry.model.organisation import State


def test_dates_are_written_as_in_japan() -> None:
    assert day("2023-11-30") == "2023年11月30日（木）"
    assert moment("2023-11-30T01:05:00Z") == "2023年11月30日（木）10:05"
    assert moment("2023-11-30T15:00:00+00:00") == "2023年12月1日（金）0:00"
    assert day(None) == ""
    assert (fiscal_year(2023), fiscal_year("2019")) == ("令和5年度", "令和元年度")


def test_a_browser_is_called_by_its_name() -> None:
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
    )
    assert device(agent) == "Chrome・Windows"
    assert (device("curl/8"), device("")) == ("curl/8", "機器の名前なし")


def test_every_state_of_a_registration_has_its_word() -> None:
    assert {str(state) for state in State} <= set(REGISTRATION)


@pytest.mark.parametrize(
    ("field", "address"),
    [
        ("organisation.name_kana", "organisation#name_kana"),
        ("contacts.main.email", "contacts#main_email"),
        ("services.1.code", "service?n=1#code"),
        ("services", "services#services"),
        ("documents.application_form", "documents#application_form"),
        ("guideline.accepted_version", "guideline#accepted_version"),
        ("organisation.constituents.1", "organisation#constituents"),
    ],
)
def test_a_complaint_leads_to_its_field(field: str, address: str) -> None:
    assert place_of(field).address == address


def test_fields_are_called_by_their_words() -> None:
    assert label_of("technical_contact.phone") == "技術担当の電話番号"
    assert label_of("services.nagisa-money.daily_cut_off").endswith("1日の締め時刻")


def test_an_address_belongs_to_its_door() -> None:
    assert door_of("/municipality/members").name == "municipality"
    assert door_of("/lists/providers").name == "public"
    municipality = DOORS["municipality"]
    assert (
        current_of(municipality, "/municipality/registration/contacts")
        == "/municipality/registration"
    )
    assert current_of(municipality, "/municipality") == "/municipality"
    assert current_of(municipality, "/municipality/members") == "/municipality/organisation"
    assert set(DOORS) > BEHIND


@pytest.mark.parametrize(
    "address", ["//elsewhere.example", "https://elsewhere.example", "/\\e", "x", ""]
)
def test_nobody_is_sent_to_another_site_after_signing_in(address: str) -> None:
    assert own_path(address, "/home") == "/home"
    assert own_path("/municipality?a=1", "/home") == "/municipality?a=1"


def test_mistakes_are_listed_in_the_order_of_the_page() -> None:
    form = Form()
    fields = ("address", "name_kana", "municipality_kind", "code")
    mend(form, [{"field": f"organisation.{f}", "detail": f} for f in fields], "organisation")
    assert list(form.errors) == ["municipality_kind", "code", "name_kana", "address"]
