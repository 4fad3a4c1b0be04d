"""Hosted Git."""

from django.urls import path

from delivery import smart_http

app_name = "delivery"

urlpatterns = [
    path("git/<slug:project>.git/info/refs", smart_http.info_refs, name="info_refs"),
    path(
        "git/<slug:project>.git/git-upload-pack",
        smart_http.upload_pack,
        name="upload_pack",
    ),
    path(
        "git/<slug:project>.git/git-receive-pack",
        smart_http.receive_pack,
        name="receive_pack",
    ),
]
