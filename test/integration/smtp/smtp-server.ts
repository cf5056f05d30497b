import { createServer, type AddressInfo, type Socket } from 'node:net';

/** What a client said in one session. */
export interface Heard {
  readonly commands: string[];
  /** The message, as it came between DATA and the dot. */
  data: string;
}

/** Answers to commands by their first word, such as `RCPT`; the others are accepted. */
export type Answers = Readonly<Record<string, string>>;

/** A mail server for one test (RFC 5321, as much as a client needs of it). */
export interface SmtpServer {
  readonly port: number;
  readonly heard: readonly Heard[];
  readonly close: () => Promise<void>;
}

/** `greeting` null: the server takes the connection and never says a word. */
export async function startSmtpServer(
  answers: Answers = {},
  greeting: string | null = '220 mail.example ESMTP',
): Promise<SmtpServer> {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const session: Heard = { commands: [], data: '' };
    heard.push(session);
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    if (greeting !== null) say(greeting);
    let rest = '';
    let readsData = false;
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      rest += chunk;
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (readsData) {
          readsData = line !== '.';
          if (readsData) session.data += `${line}\r\n`;
          else say(answers['.'] ?? '250 kept');
          continue;
        }
        session.commands.push(line);
        const word = line.split(' ')[0] ?? '';
        const answer = answers[word] ?? ACCEPTED[word] ?? '250 ok';
        readsData = word === 'DATA' && answer.startsWith('354');
        say(answer);
        if (word === 'QUIT') socket.end();
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    heard,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const ACCEPTED: Answers = {
  EHLO: '250-mail.example\r\n250-SMTPUTF8\r\n250-8BITMIME\r\n250 AUTH PLAIN',
  STARTTLS: '502 there is none',
  AUTH: '235 welcome',
  DATA: '354 go on',
  QUIT: '221 bye',
};
