package io.sluice.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.proxy.FileProxy;
import io.sluice.proxy.SteadyClients;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How backends are spoken to changes while requests run. */
class TransportChangesIT {
    private static final String SLOW = "POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
    private static final String FAST = "POST /fast HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    /** One for each request that waits for it. */
    private final BlockingQueue<String> words = new LinkedBlockingQueue<>();

    private final BlockingQueue<String> waiting = new LinkedBlockingQueue<>();
    private RawBackend backend;
    private TestAuthority authority;
    private FileProxy proxy;

    @BeforeEach
    void start() throws Exception {
        proxy = new FileProxy(vertx, folder);
        authority = new TestAuthority(folder);
        TestAuthority.Issued issued = authority.issue("-1d", 30, "127.0.0.1");
        backend = new RawBackend(this::serve, new EitherServerSocket(issued.server()));
    }

    @AfterEach
    void stop() {
        Waiting.on(vertx.close());
        backend.close();
    }

    /** Answers with how it was asked; a slow request when it is told to. */
    private void serve(RawBackend.Connection connection) throws IOException {
        String how = "plain";
        if (connection.socket() instanceof SSLSocket tls) {
            tls.startHandshake();
            how = tls.getApplicationProtocol().equals("h2") ? "h2" : "tls";
        }
        if (how.equals("h2")) {
            serveFrames(Http2Client.serving(connection.socket(), 100));
            return;
        }
        String head = connection.readRequest();
        while (!head.isEmpty()) {
            pauseIfSlow(head, how);
            connection.respond(200, how);
            head = connection.readRequest();
        }
    }

    private void serveFrames(Http2Client peer) throws IOException {
        String path = "";
        Http2Client.Frame frame = peer.next();
        while (!frame.isEnd()) {
            if (frame.type() == Http2Client.HEADERS) {
                path = frame.headers().path().toString();
            }
            if (frame.type() == Http2Client.PING) {
                peer.frame(Http2Client.PING, 1, 0, frame.payload());
            }
            if (frame.endsStream()) {
                pauseIfSlow(path, "h2");
                peer.headers(frame.stream(), false, ":status", "200", "content-length", "2");
                peer.data(frame.stream(), true, "h2");
            }
            frame = peer.next();
        }
    }

    private void pauseIfSlow(String head, String how) throws IOException {
        if (head.contains("/slow")) {
            waiting.add(how);
            try {
                words.poll(20, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    private JsonObject pool(String how) throws Exception {
        JsonObject pool = new JsonObject()
                .put("health", new JsonObject().put("path", "/").put("interval", "100ms"))
                .put(
                        "backends",
                        new JsonObject().put("a1", new JsonObject().put("address", "127.0.0.1:" + backend.port())));
        if (!how.equals("plain")) {
            pool.put("tls", new JsonObject().put("ca", authority.file().toString()));
        }
        return how.equals("h2") ? pool.put("protocol", "h2") : pool;
    }

    private void write(String how) throws Exception {
        proxy.write(
                "event-loops: 1", "pools: { a: " + pool(how) + " }\nroutes: [ { name: main, path: /, pool: a } ]\n");
    }

    private void change(boolean byFile, String how) throws Exception {
        if (byFile) {
            write(how);
        }
        HttpResponse<Buffer> answer = byFile
                ? proxy.call(HttpMethod.POST, "/v1/reload", null)
                : proxy.call(HttpMethod.PUT, "/v1/pools/a", pool(how));
        assertThat(answer.statusCode()).as(answer.bodyAsString()).isEqualTo(200);
    }

    /** By the file first, then by the API. */
    @Test
    void noRequestFailsAndNoOldConnectionIsUsedAgain() throws Exception {
        write("plain");
        proxy.start();
        try (SteadyClients load = SteadyClients.pausing(proxy.trafficPort(), "/load")) {
            List<String> ways = List.of("plain", "tls", "h2", "plain", "h2", "tls");
            for (int step = 1; step < ways.size(); step++) {
                String before = ways.get(step - 1);
                String now = ways.get(step);
                load.awaitMore(10);
                try (RawClient slow = new RawClient(proxy.trafficPort())) {
                    slow.write(SLOW);
                    assertThat(waiting.poll(20, TimeUnit.SECONDS)).isEqualTo(before);
                    change(step <= 3, now);
                    for (int i = 0; i < 3; i++) {
                        RawClient.Response response = RawClient.call(proxy.trafficPort(), FAST);
                        assertThat(response.status()).isEqualTo(200);
                        assertThat(response.body()).isEqualTo(now);
                    }
                    words.add("go on");
                    RawClient.Response response = slow.read();
                    assertThat(response.status()).isEqualTo(200);
                    assertThat(response.body()).isEqualTo(before);
                }
            }
            load.awaitMore(10);
            assertThat(load.stop()).as("failures of requests").isEmpty();
        }
        proxy.stop();
    }
}
