"""Pages from templates; every value is escaped, and no text of anybody else is marked as safe."""

from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader, StrictUndefined

from gateway.portal import assets, programme, words
from gateway.portal.hours import PHONE
from gateway.portal.measures import words as measure_words
from gateway.portal.residents import words as resident_words
from gateway.portal.tongues import TONGUES
from gateway.portal.tongues.catalogue import Tongue
from gateway.portal.tongues.reading import InTongue

TEMPLATES = Path(__file__).parent / "templates"


#: What a page may say was done, by the word in its address.
DONE = {
    "signed_out": "ログアウトしました",
    "password": "パスワードを決めました。アカウントIDでログインしてください",
    "saved": "下書きを保存しました",
    "submitted": "提出しました",
    "withdrawn": "取り下げました。内容は下書きとして残っています",
    "invited": "招待のメールを送りました",
    "changed": "変更しました",
    "removed": "利用を止めました",
    "revoked": "クライアントを止めました",
    "ended": "ログインを終わらせました",
    "others_ended": "ほかのログインを終わらせました",
    "requested": "変更の申し出を受け付けました",
    "declared": "回答を受け付けました",
    "link_stopped": "受け取り先を止めました。ここには何も送られません",
    "wish_proposed": "提案しました。別の方が確かめると決まります",
    "wish_decided": "決めました。決済事業者に伝えます",
    "decided": "決定を記録し、相手に知らせました",
    "taken": "審査を始めました",
    "closed": "アカウントを終了しました",
    "renewed": "新しいリンクを送りました",
    "replayed": "もう一度処理に回しました",
    "skipped": "飛ばして先へ進めました",
    "following": "受け取りを始めました",
    "uploaded": "書類を受け取りました",
    "signed_up": "参加の申込みを受け付けました",
    "sign_up_withdrawn": "参加の申込みを取り消しました",
    "cancelled": "中止を知らせました",
    "corrected": "訂正を加えました",
    "session_drafted": "下書きを保存しました。公開するまでだれにも見えません",
    "session_changed": "内容を変えました",
    "archived": "保存に移しました",
    "material_added": "資料を加えました",
    "announced": "メンテナンスを公開しました",
    "extended": "終わりの時刻を変えました",
    "finished": "終了を知らせました",
    "called_off": "取りやめを知らせました",
    "day_set": "受付時間を変えました",
    "day_dropped": "いつもの受付時間に戻しました",
    "document_removed": "書類を取り消しました",
    "accepted": "同意を記録しました",
    "drafted": "お知らせの下書きを保存しました",
    "scheduled": "公開を予約しました",
    "published": "公開しました",
    "unscheduled": "下書きに戻しました",
    "mended": "公開中のお知らせを直しました",
    "taken_back": "取り下げました",
    "discarded": "下書きを捨てました",
    "version_published": "新しい版を公開し、お知らせを出しました",
    "file_received": "ファイルを受け取りました。中身を確かめています",
    "handed_out": "配布資料を公開しました",
    "statement": "明細を受け取りました。すべての行を突き合わせています",
    "handed_in": "確認に出しました。次は承認者が確かめます",
    "measure_approved": "承認しました。次は事務局が契約と文章を確かめます",
    "measure_returned": "差し戻しました。担当の方に知らせます",
    "measure_confirmed": "確認済みにしました",
    "measure_pause": "一時停止しました",
    "measure_resume": "再開しました",
    "measure_close": "受付を終えました",
    "measure_cancel": "中止しました",
    "measure_discard": "変更を取りやめました",
    "measure_complete": "完了にしました",
    "application_withdrawn": "申込みを取り消しました",
    "allocated": "受け取り先を決めました。少し待ってから事業者へ送ります",
    "representation_decided": "届け出の結果を記録しました",
    "link_reported": "受け取り先を止めました。事務局と市区町村が調べます",
    "service_kept": "受け取り先を登録しました",
    "service_forgotten": "受け取り先の登録をやめました",
    "address_asked": "確認のメールを送りました。メールのリンクを開いてください",
    "address_confirmed": "メールアドレスを登録しました",
    "address_forgotten": "メールアドレスの登録をやめました",
    "child_declared": "お子さまの届け出を受け付けました。市区町村が確かめます",
}


def new_environment(tongue: Tongue | None = None, *, strict: bool = False) -> Environment:
    """The templates with the words they may use; ``strict`` refuses names nobody gave (tests)."""
    environment = Environment(
        loader=InTongue(TEMPLATES, tongue) if tongue else FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        undefined=StrictUndefined if strict else ChainableUndefined,
    )
    environment.filters.update(
        day=words.day,
        short_day=words.short_day,
        moment=words.moment,
        era_day=words.era_day,
        edition=words.edition,
        fiscal_year=words.fiscal_year,
        size=words.size,
        roles=words.roles,
        device=words.device,
        grouped=grouped,
    )
    environment.globals.update(
        asset=assets.address_of,
        words=words,
        programme=programme,
        measure_words=measure_words,
        resident_words=resident_words,
        words_of=words.NOTICE_CATEGORIES,
        amendment_words=words.AMENDMENTS,
        phone=PHONE,
        done_words=DONE,
    )
    if tongue is not None:
        environment.filters.update(said=tongue.said, plainly=tongue.plainly)
    return environment


def grouped(identifier: str) -> str:
    """A request id in groups of four, so that it can be read out on the phone."""
    text = identifier.replace("-", "")[:16].upper()
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))


ENVIRONMENT = new_environment()
_IN_TONGUES = {tongue: new_environment(tongue) for tongue in TONGUES.values()}


def render(template: str, values: dict[str, Any], tongue: Tongue | None = None) -> str:
    """The page as text, in Japanese or in another tongue."""
    environment = _IN_TONGUES[tongue] if tongue else ENVIRONMENT
    return environment.get_template(template).render(values)
