"""The commands of `guidepost`.

serve       `guidepost serve`
making      the application that it serves
supervisor  its workers, if it serves with several processes
migrate     `guidepost migrate`
squash      `guidepost squash`
content     `guidepost content export | plan | apply`
documents   `guidepost documents register | check | list | retire`
schema      `guidepost schema documents | print`
token       `guidepost token create | list | revoke`
startup     what they begin with: the database, and whether it fits the code
"""
