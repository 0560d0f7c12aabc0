"""What the service keeps besides content: one module for each table."""

from schema.tables.answer import StoredResponse as StoredResponse
from schema.tables.applied import AppliedDocument as AppliedDocument
from schema.tables.before_image import BeforeImage as BeforeImage
from schema.tables.change import ContentChange as ContentChange
from schema.tables.content_version import ContentVersion as ContentVersion
from schema.tables.dropped_row import DroppedRow as DroppedRow
from schema.tables.locale import Locale as Locale
from schema.tables.persisted_document import PersistedDocument as PersistedDocument
from schema.tables.redirect import Redirect as Redirect
from schema.tables.release import Release as Release
from schema.tables.release import ReleaseItem as ReleaseItem
from schema.tables.revision import Revision as Revision
from schema.tables.schedule import Schedule as Schedule
from schema.tables.search_entry import SearchEntry as SearchEntry
from schema.tables.token import Token as Token
