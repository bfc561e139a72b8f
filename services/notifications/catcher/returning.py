"""The notice a mail server writes when a mail it had taken cannot be delivered (RFC 3464)."""

from email import message_from_bytes
from email.message import Message
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText


def returned(recipient: str, return_path: str, raw: bytes) -> bytes:
    """The notice about ``raw``, which nobody at ``recipient`` could be given."""
    notice = MIMEMultipart("report", report_type="delivery-status")
    notice["From"] = "MAILER-DAEMON@catcher.localhost"
    notice["To"] = return_path
    notice["Subject"] = "Undelivered Mail Returned to Sender"
    notice.attach(MIMEText("The mail could not be delivered.\n"))
    notice.attach(_status(recipient))
    notice.attach(_headers(raw))
    return notice.as_bytes()


def _status(recipient: str) -> MIMEMessage:
    about_us, about_recipient = Message(), Message()
    about_us["Reporting-MTA"] = "dns; catcher.localhost"
    about_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    about_recipient["Action"] = "failed"
    about_recipient["Status"] = "5.2.2"
    about_recipient["Diagnostic-Code"] = "smtp; 552 5.2.2 the mailbox is full"
    status = MIMEMessage(Message(), "delivery-status")
    status.set_payload([about_us, about_recipient])
    return status


def _headers(raw: bytes) -> MIMEText:
    original = message_from_bytes(raw)
    kept = "".join(f"{k}: {original[k]}\n" for k in ("Message-ID", "Date") if original[k])
    return MIMEText(kept, "rfc822-headers", "ascii")
