/**
 * Words in which technologies and this service speak of their troubles. None of them is somebody's name, a place, a time of
 * the year or a word about health: a message of these words alone says nothing of anybody.
 */
const KNOWN_WORDS: ReadonlySet<string> = new Set(
  `
  a abort aborted accept accepted access accessible account action address adds after again algorithm all allocate
  allowed already an and another answer any anything are argument array arrived as assign async at attached
  attempt attempted attempts audit auth authentication authorization available aws backend backup bad batch be because
  been before begin being below between body both bound broken bucket buffer busy but by byte bytes cache call
  called caller can canceled cannot cause caused certificate chain challenge change changed character characters
  check checked checks checksum chunk class clear client clock close closed code codes column command commit
  committed compare compile condition conditional conflict connect connected connection constraint constructor
  content convert corrupt corrupted could count created creation credential credentials cross currently cut
  damaged data database deadline decode decoded decompress decrypt default defined delete deleted denied
  dependency depth descriptor deserialize destination destroyed detached device did different digest directory
  disabled disk does domain done down driver duplicate during each element elements else embedding empty encode
  encoded encoder encoding encountered encryption end endpoint engine enough entries entry erased error errors
  event ever every exceeded exceeds except exception exists expected expects expired expires extension external
  fail failed failing fails failure false family faster fatal fetch few field fields file files find finish
  finished first fit flags float folder for form format found fragment frame from full function future generate
  generated get getter given gone got grant graph group half handle handler handshake has hash have head header
  headers heap held hints host http id identity idle ids if ignored illegal image implemented import imported in
  inactive inappropriate incomplete incorrect index inner input insert inside installation installed instance
  instead int integer interest interface internal interrupted invalid invocation invoke ioctl is it item items
  iterable iterator its job join json just kept key keys known large last leads lease least left length less lies
  limit line link links list load loaded loading local lock locked locks log long longer loop lost lower machine
  mail mailbox make malformed manifest many mapping master match maximum meanwhile member memory message method
  migration minimum missing misuse mode model module more most moved much must name names native near need needed
  needs nested network never new next no nobody node non nonce not notification now null number object objects of
  offset ok old on once one online only open opened opening operation operations option options or order other
  others out output over overflow owner page pair parallel parameter parameters parse parsed parser parsing part
  passed password passwords path peer pending permanent permission permissions permitted pipe place please point
  policy pool port ports position possible prepare present previous primary private problem process processing
  production progress promise properties property protocol provided provisioned proxy public put queue queued
  quota range rate reached read reading readonly reads ready reason receive received reconnect record recovery
  redirect reference refused regular reject rejected rejection relay release remote removed renew repeat replaced
  replica replication report request requests required reserved reset resolve resolved resource response responses
  rest restart restore result retries retry return returned revoked role roll rollback root route row rows run
  running runtime safe same schema script sealed second seconds secret security seek segment select self send
  sender sent sequence server service session set setting settings several shard shared short should shut shutdown
  sign signal signature signed signing since single size slow so socket software some somebody something sort
  source space specified stack standard start started state statement states statistics status step still stop
  storage store stored stores stream string structure subject submitted succeed success such support supported
  surrogate symbolic syntax system table taken target task template temporarily temporary term test text than that
  the their them then there these they this thread threads threshold throttled through throughput throw thrown
  time timed timeout timer to token tokens too top topic transaction transactions transfer transient transport
  tree trust try trying tuple turned twice two type types unable unauthorized unavailable undefined undeliverable
  under unexpected unfinished uninitialized unique unknown unreachable unreadable unsupported until update updated
  upgrade upload uploads url use used user users using valid validation value values variable verification verify
  version versions via view violates violation wait waits wanted warning was way weeks were what when whether
  which while whole window with within without words work worker works would wrap wrapped wrapping write writer
  writes writing written wrong wrote yet you your zero zone
`
    .trim()
    .split(/\s+/),
);

/** Words in capitals with which databases and protocols begin. */
const KNOWN_CAPITALS: ReadonlySet<string> = new Set(
  'A AWS DNS DynamoDB FOREIGN HTTP HTTPS JSON KEY KMS NOT NULL PRIMARY Redis S3 SMTP SNS SQL SQLite SQS TCP TLS UNIQUE'.split(
    ' ',
  ),
);

/** What stands in the place of everything that is not on the lists. */
const LEFT_OUT = '…';

const LONGEST_TEXT = 2000;
const MOST_WORDS = 40;

/** `TypeError`, `ConditionalCheckFailedException`. */
const ERROR_NAME = /^(?:[A-Z][a-z0-9]+){0,6}(?:Error|Exception|Failure|Fault)$/;
/** `ENOENT`, `SQLITE_BUSY`, `ERR_INVALID_URL`. */
const ERROR_CODE = /^(?:E[A-Z]{3,14}|(?:SQLITE|ERR|UND_ERR|CERT)(?:_[A-Z]{2,20}){1,5})$/;

/**
 * A technology's own words for an operator's log, as far as they are known to hold nothing of anybody's: names and codes of
 * errors, and words of a list. All others (values, addresses, paths, numbers, what was quoted) are left out, and `…` stands for
 * them.
 */
export function operatorWords(text: string): string {
  const said: string[] = [];
  for (const part of text.slice(0, LONGEST_TEXT).split(/\s+/)) {
    if (part === '') continue;
    const shown = shownPart(part, said.length === 0 || said.at(-1)?.endsWith(':') === true);
    if (shown === LEFT_OUT && said.at(-1) === LEFT_OUT) continue;
    said.push(shown);
    if (said.length === MOST_WORDS) break;
  }
  return said.join(' ');
}

function shownPart(part: string, mayBeCapital: boolean): string {
  const [, word = '', mark = ''] = /^(.*?)([:;,.!?]?)$/s.exec(part) ?? [];
  const isKnown =
    KNOWN_WORDS.has(word) ||
    KNOWN_CAPITALS.has(word) ||
    ERROR_NAME.test(word) ||
    ERROR_CODE.test(word) ||
    (mayBeCapital && /^[A-Z][a-z]*$/.test(word) && KNOWN_WORDS.has(word.toLowerCase()));
  return isKnown ? `${word}${mark}` : LEFT_OUT;
}
