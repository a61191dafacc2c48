package io.sluice.proxy.listener;

import io.sluice.proxy.TestSettings;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Random requests, valid ones that were damaged, cut into random pieces, on connections that end at random. Runs only when asked to, with
 * {@code -Dfuzz.seconds=600} and perhaps {@code -Dseed=}: {@code docs/fuzzing.md}.
 */
@EnabledIfSystemProperty(named = "fuzz.seconds", matches = "\\d+")
class RequestFuzzTest {

    private static final String[] LINES = {
        "GET /NUMBER HTTP/1.1\r\n",
        "POST /a?NUMBER HTTP/1.1\r\n",
        "PUT /NUMBER HTTP/1.0\r\n",
        "HEAD /NUMBER HTTP/1.1\r\n",
        "OPTIONS * HTTP/1.1\r\n",
        "GET http://h/NUMBER HTTP/1.1\r\n",
        "DELETE /%41NUMBER HTTP/1.1\r\n",
        "GET /../NUMBER HTTP/1.1\r\n",
        "get /NUMBER HTTP/1.1\r\n",
        "GET /NUMBER\r\n"
    };
    private static final String[] FIELDS = {
        "Host: h\r\n",
        "Host: h\r\n",
        "Host: h\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 5\r\n",
        "Content-Length: 70000\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding:\tchunked \r\n",
        "Transfer-Encoding: identity\r\n",
        "Connection: close\r\n",
        "Connection: keep-alive, X\r\n",
        "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n",
        "Expect: 100-continue\r\n",
        "X: y\r\n",
        " folded\r\n",
        "X: \u00e9\0\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n",
        "TE: trailers\r\n",
        "X-Long: " + "l".repeat(3000) + "\r\n",
        "Via: 1.1 sluice\r\n"
    };
    private static final String[] BODIES = {
        "",
        "",
        "hello",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;x=y\r\nhello\r\n0\r\nT: 1\r\n\r\n",
        "0\r\n\r\n",
        "5\r\nhel",
        "ffffffffffffffff\r\n",
        "-1\r\n",
        "5 \r\nhello\r\n0\r\n\r\n",
        "2\nhi\n0\n\n",
        "b".repeat(70_000),
        "GET /NUMBER HTTP/1.1\r\nHost: h\r\n\r\n",
        "29\r\nGET /NUMBER HTTP/1.1\r\nHost: h\r\nX: abcdef\r\n0\r\n\r\n"
    };
    private static final String[] VALID = {
        "GET /NUMBER HTTP/1.1\r\nHost: h\r\n\r\n",
        "HEAD /NUMBER HTTP/1.1\r\nHost: h\r\n\r\n",
        "POST /NUMBER HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello",
        "PUT /NUMBER HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + "b".repeat(70_000),
        "POST /NUMBER HTTP/1.1\r\nHost: h\r\nContent-Length: 38\r\n\r\nGET /NUMBER HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n",
        "POST /NUMBER HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1;x\r\n!\r\n0\r\nT: 1\r\n\r\n"
    };
    private static final String DAMAGE = "\r\n\0 :;,\t05aZ/\u00ff\u007f";

    /** Each has its own number, so that none can pass for another. */
    private int requests;

    @Test
    void nothingIsForwardedThatWasNotUnderstood() throws Exception {
        FuzzRounds.run(
                TestSettings.listener(),
                this::connect,
                port -> RawClient.call(port, "GET /end HTTP/1.1\r\nHost: h\r\n\r\n")
                        .status());
    }

    private String request(Random random) {
        StringBuilder text = new StringBuilder();
        if (random.nextInt(3) > 0) {
            text.append(VALID[random.nextInt(VALID.length)]);
        } else {
            text.append(LINES[random.nextInt(LINES.length)]).append(FIELDS[0]);
            for (int i = random.nextInt(4); i > 0; i--) {
                text.append(FIELDS[random.nextInt(FIELDS.length)]);
            }
            text.append("\r\n").append(BODIES[random.nextInt(BODIES.length)]);
        }
        int number = text.indexOf("NUMBER");
        while (number >= 0) {
            requests++;
            text.replace(number, number + 6, String.format("%06d", requests % 1_000_000));
            number = text.indexOf("NUMBER");
        }
        if (random.nextInt(3) == 0) {
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                damage(text, random);
            }
        }
        return text.toString();
    }

    private static void damage(StringBuilder text, Random random) {
        int at = random.nextInt(text.length());
        String octet = String.valueOf(DAMAGE.charAt(random.nextInt(DAMAGE.length())));
        switch (random.nextInt(3)) {
            case 0 -> text.deleteCharAt(at);
            case 1 -> text.insert(at, octet);
            default -> text.replace(at, at + 1, octet);
        }
    }

    private void connect(int port, Random random) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            text.append(request(random));
        }
        try (RawClient client = new RawClient(port)) {
            int at = 0;
            int most = random.nextBoolean() ? text.length() : 1 + random.nextInt(200);
            int end = random.nextInt(3) == 0 ? random.nextInt(text.length()) : text.length();
            while (at < end) {
                int next = Math.min(end, at + 1 + random.nextInt(Math.max(most, text.length() / 50)));
                client.writeQuietly(text.substring(at, next));
                at = next;
            }
            if (random.nextInt(4) == 0) {
                client.reset();
            } else {
                client.awaitSomething(random.nextInt(20));
            }
        }
    }
}
