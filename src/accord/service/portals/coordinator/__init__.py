"""A coordinator or manager: referrals, who waits for whom, who is on duty."""
