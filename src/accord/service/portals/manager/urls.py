from django.urls import path

from accord.service.portals.manager import definitions, files, numbers

app_name = "manager"
urlpatterns = [
    path("", numbers.numbers, name="numbers"),
    path("count/", numbers.count_now, name="count_now"),
    path("what/<str:number_id>/", definitions.definition, name="definition"),
    path("definitions/", definitions.definitions, name="definitions"),
    path("definitions/sign/", definitions.sign, name="sign"),
    path("pictures/<slug:picture>/", files.picture, name="picture"),
    path("paper/", files.paper, name="paper"),
    path("table/", files.table, name="table"),
]
