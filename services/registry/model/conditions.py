"""On which conditions a municipality and a provider work together."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Funding(StrEnum):
    """Where the money for the grants comes from first."""

    PREFUNDING = "prefunding"
    INVOICE = "invoice"


class DataField(StrEnum):
    """What the provider tells the municipality of each grant."""

    ACCOUNT_LAST4 = "account_last4"
    GRANTED_AT = "granted_at"
    GRANT_RESULT = "grant_result"
    PURCHASE_TOTAL = "purchase_total"
    CHARGE_TOTAL = "charge_total"
    USED_TOTAL = "used_total"


class Conditions(BaseModel):
    """The conditions of a match; exactly one of the two fees is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: Yen for each grant …
    fee_per_grant: Annotated[int, Field(strict=True, ge=0, le=100_000)] | None = None
    #: … or hundredths of a percent of what is granted: 150 is 1.5 %.
    fee_basis_points: Annotated[int, Field(strict=True, ge=0, le=10_000)] | None = None
    #: Grants the municipality expects at least.
    minimum_volume: Annotated[int, Field(strict=True, ge=0, le=100_000_000)] = 0
    funding: Funding
    #: Working days before a grant by which its order has to arrive.
    cutoff_days: Annotated[int, Field(strict=True, ge=0, le=60)]
    data_fields: Annotated[tuple[DataField, ...], Field(max_length=len(DataField))] = ()

    @model_validator(mode="after")
    def _one_fee(self) -> "Conditions":
        if (self.fee_per_grant is None) == (self.fee_basis_points is None):
            raise ValueError("手数料は、1件あたりの額か割合のどちらか一方を入れてください")
        return self
