import '@isthmus/account-sync/invoices/report-file/file-reader.worker.ts';
