from django.urls import URLPattern

app_name = "therapist"
urlpatterns: list[URLPattern] = []
