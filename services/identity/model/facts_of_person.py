"""What a signing certificate says of a person: name, day of birth, sex, address."""

from dataclasses import dataclass
from datetime import date

from cryptography import x509

#: The issuer's names for what stands in ``subjectAltName``.
_ARC = "1.2.392.200149.8.5.5"
NAME, SEX, BIRTH, ADDRESS = (f"{_ARC}.{number}" for number in (1, 3, 4, 5))
#: Not in every certificate: how the name is read, and the code of the municipality.
KANA, MUNICIPALITY = f"{_ARC}.90", f"{_ARC}.91"
_SEXES = {"1": "male", "2": "female"}
_UTF8 = 0x0C


@dataclass(frozen=True, slots=True)
class FactsOfPerson:
    """A person as a card shows them."""

    name: str
    name_kana: str
    birth_on: date
    sex: str | None
    municipality_code: str
    address: str


def facts_in(certificate: x509.Certificate) -> FactsOfPerson:
    """The facts a signing certificate holds; ``ValueError`` if one is missing."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    said = {
        other.type_id.dotted_string: _text_of(other.value)
        for other in names.get_values_for_type(x509.OtherName)
    }
    if not all(said.get(key) for key in (NAME, BIRTH, ADDRESS)):
        raise ValueError("a signing certificate without a person")
    return FactsOfPerson(
        name=said[NAME],
        name_kana=said.get(KANA, ""),
        birth_on=date.fromisoformat(said[BIRTH]),
        sex=_SEXES.get(said.get(SEX, "")),
        municipality_code=said.get(MUNICIPALITY, ""),
        address=said[ADDRESS],
    )


def names_of(facts: FactsOfPerson) -> x509.SubjectAlternativeName:
    """The extension that says ``facts``, as an issuer writes it."""
    sexes = {word: digit for digit, word in _SEXES.items()}
    said = {
        NAME: facts.name,
        SEX: sexes.get(facts.sex or "", "0"),
        BIRTH: facts.birth_on.isoformat(),
        ADDRESS: facts.address,
        KANA: facts.name_kana,
        MUNICIPALITY: facts.municipality_code,
    }
    return x509.SubjectAlternativeName(
        [x509.OtherName(x509.ObjectIdentifier(key), _der(text)) for key, text in said.items()]
    )


def _der(text: str) -> bytes:
    content = text.encode()
    size = len(content)
    head = bytes([size]) if size < 128 else bytes([0x82, size >> 8, size & 255])
    return bytes([_UTF8]) + head + content


def _text_of(der: bytes) -> str:
    if len(der) < 2 or der[0] != _UTF8:
        raise ValueError("no text")
    start = 2 if der[1] < 128 else 2 + (der[1] & 127)
    size = der[1] if der[1] < 128 else int.from_bytes(der[2:start])
    if len(der) != start + size:
        raise ValueError("a text of another length")
    return der[start:].decode()
