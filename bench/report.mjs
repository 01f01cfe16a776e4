// The tables at the end of a run, in Markdown.

export function reportOf(figures) {
  return [
    head(figures),
    section('Save → last ACK', deliveryTable(figures)),
    section('Against the peers, in the same run: times of helve', ratioTable(figures)),
    section('Save → answer of a real Envoy', envoyTable(figures)),
    section('Compile', compileTable(figures)),
    section('Cold start, from an empty state directory', coldTable(figures)),
    section('One resource of a set', setsTable(figures)),
    section('Beside clients that mean harm', hostileTable(figures)),
    section('The numbers to hold', barsTable(figures)),
  ]
    .filter((text) => text !== '')
    .join('\n');
}

function head({ command, seconds, machine, linear }) {
  const { cpu, cores, node, loadBefore, loadAfter, memoryGb } = machine;
  const load = `load ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} at the end`;
  return (
    `\`${command}\`: ${seconds.toFixed(0)} s on ${cores} cores (${cpu}), ` +
    `${memoryGb.toFixed(0)} GB, Node ${node}, ${load}.\n` +
    (linear === null ? '' : `Without go-control-plane: ${linear}.\n`)
  );
}

const section = (title, table) => (table === '' ? '' : `### ${title}\n\n${table}`);

function tableOf(columns, rows) {
  if (rows.length === 0) return '';
  const line = (cells) => `| ${cells.join(' | ')} |\n`;
  return line(columns) + line(columns.map(() => '---')) + rows.map(line).join('');
}

const number = (value) => {
  if (value === null || value === undefined) return '–';
  return value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
};

const DELIVERY_COLUMNS = [
  ...['layout', 'routes', 'table, KB', 'clients', 'server', 'last ACK, ms', 'worst'],
  ...['CPU, ms', 'of it serving', 'peak, MB', 'bytes a client', 'all booted, ms'],
];

const deliveryTable = ({ delivery }) =>
  tableOf(
    DELIVERY_COLUMNS,
    delivery.map((row) => [
      ...[row.layout, number(row.routes), number(row.tableBytes / 1024), number(row.clients)],
      ...[row.server, number(row.lastAckMs), number(row.lastAckMsWorst), number(row.cpuMs)],
      ...[number(row.servingCpuMs), number(row.memoryMb.peak), number(row.bytesPerClient)],
      number(row.bootMs),
    ]),
  );

/** helve divided by a peer, cell by cell. */
function ratioTable({ delivery }) {
  const peers = [...new Set(delivery.map(({ server }) => server))].filter((one) => one !== 'helve');
  const rows = delivery
    .filter(({ server }) => server === 'helve')
    .flatMap((row) => {
      const found = peers.flatMap((name) => {
        const peer = delivery.find((other) => other.server === name && isSameCell(other, row));
        return peer === undefined ? [] : [peer];
      });
      return found.map((peer) => [
        ...[row.layout, number(row.routes), number(row.clients), peer.server],
        ...[ratio(row.lastAckMs, peer.lastAckMs), ratio(row.servingCpuMs, peer.servingCpuMs)],
        ...[ratio(row.cpuMs, peer.cpuMs), ratio(row.memoryMb.peak, peer.memoryMb.peak)],
      ]);
    });
  const columns = [
    'layout',
    'routes',
    'clients',
    'to',
    'last ACK',
    'serving CPU',
    'all CPU',
    'peak',
  ];
  return tableOf(columns, rows);
}

const isSameCell = (a, b) =>
  a.layout === b.layout && a.routes === b.routes && a.clients === b.clients;

const ratio = (a, b) => (a === null || b === null ? '–' : `${(a / b).toFixed(2)}×`);

const envoyTable = ({ envoy }) =>
  tableOf(
    ['layout', 'routes', 'table, KB', 'server', 'median, ms', 'p90', "Envoy's CPU, ms"],
    envoy.map((row) => [
      ...[row.layout, number(row.routes), number(row.tableBytes / 1024), row.server],
      ...[number(row.seenMs), number(row.seenMsP90), number(row.envoyCpuMs)],
    ]),
  );

const compileTable = ({ compile }) =>
  tableOf(
    ['documents', 'hosts', 'reading, ms', 'cold, ms', 'one edit, ms', 'p95'],
    compile.map((row) => [
      ...[number(row.documents), row.name, number(row.readMs), number(row.coldMs)],
      ...[number(row.editMs), number(row.editMs95)],
    ]),
  );

const coldTable = ({ cold }) =>
  tableOf(
    [
      'routes',
      'clusters',
      'files',
      'YAML alone, ms',
      'serves, ms',
      'a client has all, ms',
      'peak, MB',
    ],
    cold.map((row) => [
      ...[number(row.routes), number(row.clusters), number(row.files), number(row.yamlMs)],
      ...[number(row.readyMs), number(row.completeMs), number(row.memoryMb.peak)],
    ]),
  );

const setsTable = ({ sets }) =>
  tableOf(
    ['resources', 'change', 'median, ms', 'p95'],
    sets.map((row) => [number(row.resources), row.name, row.ms.toFixed(2), row.ms95.toFixed(2)]),
  );

const hostileTable = ({ hostile }) =>
  tableOf(
    ['clients', 'edits', 'median, ms', 'p90', 'memory, MB'],
    hostile === null ? [] : hostileRows(hostile),
  );

function hostileRows({ quiet, beside, memoryMb, ...found }) {
  const row = (who, { edits, ms, ms90 }, memory) => [
    who,
    edits,
    number(ms),
    number(ms90),
    number(memory),
  ];
  const harm =
    `${found.readers} read nothing or a byte a second, ${found.floods} flood ` +
    `(${number(found.floodRequests)} requests, ${found.floodsCut} cut), ` +
    `${number(found.garbageThrown)} throw garbage, ${number(found.reconnects)} come and go`;
  return [
    row('one Envoy', quiet, memoryMb.before),
    row(harm, beside, memoryMb.among),
    ['the Envoy again', '–', '–', '–', number(memoryMb.after)],
  ];
}

const barsTable = ({ bars }) =>
  tableOf(
    ['what', 'bar', 'got', 'held', 'where it goes'],
    bars.map(({ what, bar, got, isHeld, why }) => [what, bar, got, isHeld ? 'yes' : '**no**', why]),
  );
