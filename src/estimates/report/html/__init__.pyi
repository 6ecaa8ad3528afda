from .content import Gathered as Gathered
from .content import gather as gather
from .page import html_of as html_of
from .page import write_page as write_page
from .page import write_report as write_report
