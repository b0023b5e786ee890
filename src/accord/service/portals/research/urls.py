from django.urls import path

from accord.service.portals.research import exports, protocols

app_name = "research"
urlpatterns = [
    path("", protocols.protocols, name="protocols"),
    path("protocols/<uuid:clinic_id>/<slug:slug>/", protocols.protocol, name="protocol"),
    path("exports/", exports.exports, name="exports"),
    path("exports/ask/", exports.ask, name="ask"),
    path("exports/<uuid:export_id>/", exports.export, name="export"),
    path("exports/<uuid:export_id>/data/", exports.download, name="download"),
    path("exports/<uuid:export_id>/report/", exports.report, name="report"),
]
