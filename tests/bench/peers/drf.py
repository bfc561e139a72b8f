# mypy: ignore-errors
"""The peer of `read`: a list view of Django REST framework, as its documentation shows one."""

import os
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings

_URL = urlsplit(os.environ.get("PEER_DATABASE_URL", "postgresql://localhost/registry"))

settings.configure(
    DEBUG=False,
    SECRET_KEY="a bench has no secrets",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=[],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": _URL.path.lstrip("/"),
            "USER": _URL.username,
            "PASSWORD": _URL.password or "",
            "HOST": _URL.hostname,
            "PORT": str(_URL.port or 5432),
            "CONN_MAX_AGE": 600,
        }
    },
    REST_FRAMEWORK={
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
        "PAGE_SIZE": 20,
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402


class Municipality(models.Model):
    """A row of the peer's table."""

    organisation_id = models.UUIDField()
    code = models.CharField(max_length=6)
    name = models.TextField()
    name_kana = models.TextField()
    municipality_kind = models.TextField()
    prefecture_code = models.CharField(max_length=2)
    prefecture = models.TextField()
    registered_on = models.DateField()

    class Meta:
        """Somebody else makes the table."""

        app_label = "peer"
        db_table = "peer_municipality"
        managed = False


class MunicipalitySerializer(serializers.ModelSerializer):
    """The fields our list shows."""

    class Meta:
        """All but the key."""

        model = Municipality
        exclude = ("id",)


class MunicipalityList(generics.ListAPIView):
    """Municipalities of a prefecture by code."""

    serializer_class = MunicipalitySerializer

    def get_queryset(self) -> Any:
        """Those of the prefecture asked for."""
        prefecture = self.request.query_params["prefecture"]
        return Municipality.objects.filter(prefecture_code=prefecture).order_by("code")


urlpatterns = [path("municipalities", MunicipalityList.as_view())]
application = get_wsgi_application()
