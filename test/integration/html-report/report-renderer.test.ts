import { HtmlReportRenderer } from '../../../adapters/html-report/html-report-renderer.ts';
import { reportRendererContract } from '../../contracts/report-renderer.contract.ts';

reportRendererContract('HTML', () => new HtmlReportRenderer());
