"""Letters about one person, for a clinician."""

from accord.service.portals.therapist.frame import beside, clinical
from accord.service.ui.letter_urls import letter_urls

URLS = letter_urls("therapist", find=clinical, around=beside)
