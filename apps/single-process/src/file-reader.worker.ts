// The worker of account-sync forks the file that this is in, which must be a file of its own in the bundle.
import '@isthmus/account-sync/invoices/report-file/file-reader.worker.ts';
