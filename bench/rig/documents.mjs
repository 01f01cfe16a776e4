// The documents that are measured: of the sizes that peers were measured at.

/**
 * @typedef {object} Shape
 * @property {number} routes
 * @property {number} clusters
 * @property {number} hosts that the routes are spread over
 * @property {number} [listeners] that the hosts are spread over; each has a table of its own
 * @property {boolean} [isSharded] the hosts of a listener are spread over many tables
 * @property {number} [perFile] documents of one file; default 1
 * @property {number} [port] of the first listener
 */

/** The route whose answer is edited. */
export const EDITED = 'routes/edited.yaml';
export const EDITED_PATH = '/edited';
export const EDITED_HOST = 'h0.test';
const FIRST_PORT = 10_000;

/** A text that occurs in one edit only, always of one length. */
export const markerOf = (edit) => `edit-${String(edit).padStart(8, '0')}`;

export const editedText = (marker, comment = '') =>
  `${comment}kind: Route\nname: edited\n${listenersLine(0)}hosts: [${EDITED_HOST}]\n` +
  `match: {path: ${EDITED_PATH}}\nrespond: {status: 200, body: "${marker}"}\n`;

/**
 * Texts of the files of a shape by path.
 *
 * @param {Shape} shape
 * @returns {Map<string, string>}
 */
export function documentsOf(shape) {
  const { routes, clusters, listeners = 1, port = FIRST_PORT, perFile = 1 } = shape;
  const texts = new Map();
  for (let index = 0; index < listeners; index += 1) {
    texts.set(`listeners/${listenerOf(index)}.yaml`, listenerText(index, port + index, shape));
  }
  for (const [path, text] of spread('clusters', clusters, perFile, clusterText)) {
    texts.set(path, text);
  }
  const routeOf = (index) => routeText(index, shape);
  for (const [path, text] of spread('routes', routes - 1, perFile, routeOf)) texts.set(path, text);
  texts.set(EDITED, editedText(markerOf(0)));
  // The oldest Envoys would not take shards up while they run.
  if (shape.isSharded === true) texts.set('helve.yaml', 'envoy: "1.39"\n');
  return texts;
}

/** So many documents in files of `perFile`. */
function* spread(folder, count, perFile, textOf) {
  for (let at = 0; at < count; at += perFile) {
    const size = Math.min(perFile, count - at);
    const documents = Array.from({ length: size }, (_, index) => textOf(at + index));
    yield [`${folder}/${at}.yaml`, documents.join('---\n')];
  }
}

const listenerOf = (index) => `l${index}`;
const listenersLine = (index) => `listeners: [${listenerOf(index)}]\n`;

const listenerText = (index, port, { isSharded = false }) =>
  `kind: Listener\nname: ${listenerOf(index)}\naddress: 127.0.0.1\nport: ${port}\n` +
  (isSharded ? 'shards: true\n' : '');

const clusterText = (index) =>
  `kind: Cluster\nname: c${index}\nendpoints: ["10.0.${(index >> 8) & 255}.${index & 255}:8000"]\n`;

function routeText(index, { clusters, hosts, listeners = 1 }) {
  const host = index % hosts;
  return (
    `kind: Route\nname: r${index}\n${listenersLine(host % listeners)}hosts: [h${host}.test]\n` +
    `match: {prefix: /p${index}}\nto: c${index % clusters}\ntimeout: 5s\n`
  );
}
