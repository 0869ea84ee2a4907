const width = 30;

/**
 * A run on one line that is written over and over; in a file or a pipe, one line at the end of each phase.
 * @param {{write(text: string): unknown, isTTY?: boolean}} out
 */
export function progressBar(out = process.stdout) {
  let last;
  return {
    show(run) {
      if (out.isTTY) out.write(`\r\x1b[2K${line(run)}`);
      else if (last?.phase && last.phase !== run.phase) out.write(`${line(last)}\n`);
      last = run;
    },
    end(run) {
      out.write(`${out.isTTY ? '\r\x1b[2K' : ''}${line(run)}\n`);
    },
  };
}

function line({ phase, status, done, total, percent, ratePerSecond, etaSeconds, waiting }) {
  const share = percent ?? (status === 'succeeded' ? 100 : 0);
  const filled = Math.round((share / 100) * width);
  const parts = [
    `   [${'█'.repeat(filled)}${'·'.repeat(width - filled)}]`,
    `${done}/${total ?? '?'}`,
    phase ?? status,
    ratePerSecond ? `${Math.round(ratePerSecond)}/s` : '',
    etaSeconds ? `${etaSeconds} s left` : '',
    waiting ? `waiting: ${waiting.reason}` : '',
  ];
  return parts.filter(Boolean).join('  ');
}
