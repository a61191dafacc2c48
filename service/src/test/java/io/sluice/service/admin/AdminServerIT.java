package io.sluice.service.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import io.sluice.service.lifecycle.ListenException;
import io.sluice.service.log.RequestId;
import io.sluice.service.metrics.Metrics;
import io.sluice.service.problem.Problem;
import io.sluice.service.settings.Secret;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class AdminServerIT {
    private static final String TOKEN = "Authorization: Bearer hush";

    private final Vertx vertx = Vertx.vertx();
    private final Metrics metrics = new Metrics();
    private volatile Optional<String> notReady = Optional.empty();
    private AdminServer server = server(Secret.of("hush"));

    record Item(String name, int size) {}

    @BeforeEach
    void start() throws Exception {
        get(server.start());
    }

    @AfterEach
    void stop() throws Exception {
        get(server.stop());
        get(vertx.close());
        metrics.close();
    }

    @ParameterizedTest
    @CsvSource({"/healthz,200", "/readyz,200", "/metrics,200", "/v1/items,401", "/v1/nothing,401", "/,401"})
    void onlyWhatIsSaidToBeOpenIsOpen(String path, int status) throws Exception {
        assertThat(call("GET " + path).status()).isEqualTo(status);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer hush", "bearer hush", "hush", "Bearer  hush"})
    void theTokenMayComeWithSchemeOrBare(String header) throws Exception {
        assertThat(call("GET /v1/items", "Authorization: " + header).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer hus", "Bearer hushh", "Bearer", "Basic hush", "HUSH", "Bearer hush, Bearer hush"})
    void aWrongTokenIs401(String header) throws Exception {
        RawExchange.Reply reply = call("GET /v1/items", "Authorization: " + header);

        assertThat(reply.status()).isEqualTo(401);
        assertThat(reply.headers()).containsKey("www-authenticate").containsEntry("content-type", Problem.MEDIA_TYPE);
        assertThat(reply.body()).contains("/problems/unauthorized").doesNotContain("hush");
    }

    @Test
    void twoTokensAre401() throws Exception {
        assertThat(call("GET /v1/items", TOKEN, TOKEN).status()).isEqualTo(401);
    }

    @Test
    void withoutAConfiguredTokenEverythingElseIs403() throws Exception {
        get(server.stop());
        server = server(null);
        get(server.start());

        assertThat(call("GET /v1/items").status()).isEqualTo(403);
        assertThat(call("GET /v1/items", "Authorization: Bearer null").status()).isEqualTo(403);
        assertThat(call("GET /healthz").status()).isEqualTo(200);
    }

    @Test
    void openPathsAreOpenToGetOnly() throws Exception {
        assertThat(call("POST /healthz").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "LocalHost:9500", "127.0.0.1", "127.0.0.1:1", "[::1]:9500", "proxy", "proxy.:9500"})
    void knownHostsAreServedWhateverThePort(String host) throws Exception {
        assertThat(callHost(host, "GET /healthz").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"evil.example", "evil.example:9500", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil"})
    void otherHostsAreRefusedEvenOnOpenPaths(String host) throws Exception {
        assertThat(callHost(host, "GET /healthz").status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"http://127.0.0.1:9500,200", "http://127.0.0.1:3000,403", "http://evil.example,403", "null,403"})
    void onlyPagesOfTheServerItselfMayCall(String origin, int status) throws Exception {
        assertThat(callHost("127.0.0.1:9500", "GET /v1/items", TOKEN, "Origin: " + origin)
                        .status())
                .isEqualTo(status);
    }

    @Test
    void bodiesBecomeRecords() throws Exception {
        RawExchange.Reply reply = post("{\"name\": \"a\", \"size\": 3}", "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.headers()).containsEntry("content-type", "application/json");
        assertThat(reply.body()).isEqualTo("{\"name\":\"a\",\"size\":3}");
    }

    @Test
    void everyMistakeInABodyIsReported() throws Exception {
        RawExchange.Reply reply = post("{\"nam\": \"a\", \"size\": \"x\"}", "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.headers()).containsEntry("content-type", Problem.MEDIA_TYPE);
        assertThat(reply.body()).contains("/nam", "/name", "/size", "did you mean name?");
    }

    @Test
    void formsAreRefused() throws Exception {
        assertThat(post("a=b", "Content-Type: application/x-www-form-urlencoded")
                        .status())
                .isEqualTo(415);
    }

    @Test
    void bodiesAboveTheLimitAreRefused() throws Exception {
        RawExchange.Reply reply = post("x".repeat(2000), "Content-Type: application/json");

        assertThat(reply.status()).isEqualTo(413);
        assertThat(reply.body()).contains("/problems/body-too-large");
    }

    @Test
    void aBodyThatDoesNotArriveIs408() throws Exception {
        try (RawExchange exchange = new RawExchange(server.port())) {
            exchange.send("{", "POST /v1/items HTTP/1.1", "Host: localhost", TOKEN, "Content-Length: 10");

            RawExchange.Reply reply = exchange.reply();
            assertThat(reply.status()).isEqualTo(408);
            assertThat(reply.headers()).containsEntry("connection", "close");
        }
    }

    @Test
    void aConnectionOnWhichNoRequestHeadArrivesIsClosed() throws Exception {
        try (RawExchange exchange = new RawExchange(server.port())) {
            assertAnswers(exchange);
            exchange.sendPart("GET /healthz HTTP/1.1\r\nHost: local");

            assertThatThrownBy(exchange::reply).isInstanceOf(IOException.class).hasMessageContaining("closed");
        }
    }

    @Test
    void headersAboveTheLimitAreRefused() throws Exception {
        assertThat(call("GET /healthz", "X-Big: " + "x".repeat(20_000)).status())
                .isEqualTo(431);
    }

    @Test
    void unknownPathsAndMethodsAreProblems() throws Exception {
        RawExchange.Reply missing = call("GET /v1/nothing", TOKEN);
        RawExchange.Reply method = call("DELETE /v1/items", TOKEN);

        assertThat(missing.status()).isEqualTo(404);
        assertThat(missing.body()).contains("/problems/not-found");
        assertThat(method.status()).isEqualTo(405);
        assertThat(method.headers().get("allow")).contains("GET", "POST");
        assertThat(method.body()).contains("/problems/method-not-allowed");
    }

    @Test
    void problemsThrownOrFailedWithAreAnswered() throws Exception {
        assertThat(call("GET /v1/refused", TOKEN).status()).isEqualTo(409);
    }

    @Test
    void bugsAnswer500WithoutDetailsAndTheServerLivesOn() throws Exception {
        RawExchange.Reply reply = call("GET /v1/bug", TOKEN, "X-Request-ID: r-7");

        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).contains("internal-error", "r-7").doesNotContain("private");
        assertThat(call("GET /v1/items", TOKEN).status()).isEqualTo(200);
    }

    @Test
    void requestIdsAreKeptWhenSaneAndFollowTheRequest() throws Exception {
        assertThat(call("GET /v1/id", TOKEN, "X-Request-ID: r-8").body()).isEqualTo("{\"id\":\"r-8\"}");
        assertThat(call("GET /healthz", "X-Request-ID: a b").headers().get("x-request-id"))
                .matches("[0-9a-f]{32}");
    }

    @Test
    void readinessSaysWhyNot() throws Exception {
        notReady = Optional.of("recovering");

        RawExchange.Reply reply = call("GET /readyz");

        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.body()).contains("recovering");
    }

    @Test
    void changesAreAuditedWhetherLetInOrNot() throws Exception {
        BlockingQueue<String> lines = new LinkedBlockingQueue<>();
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                lines.add(event.getFormattedMessage());
            }
        };
        appender.start();
        Logger audit = (Logger) LoggerFactory.getLogger("audit");
        audit.addAppender(appender);
        try {
            call("GET /v1/items", TOKEN);
            call("POST /v1/items", "X-Author: eve", "X-Request-ID: r-1");
            post("{\"name\": \"a\", \"size\": 3}", "X-Author: ana\tb", "X-Request-ID: r-2");

            assertThat(lines.poll(10, TimeUnit.SECONDS))
                    .isEqualTo("POST /v1/items by eve from 127.0.0.1: 401 (request r-1)");
            assertThat(lines.poll(10, TimeUnit.SECONDS))
                    .isEqualTo("POST /v1/items by ana_b from 127.0.0.1: 201 (request r-2)");
            assertThat(lines).isEmpty();
        } finally {
            audit.detachAppender(appender);
        }
    }

    @Test
    void moreConnectionsThanAllowedAreClosed() throws Exception {
        try (RawExchange first = new RawExchange(server.port());
                RawExchange second = new RawExchange(server.port())) {
            assertAnswers(first);
            assertAnswers(second);
            try (RawExchange third = new RawExchange(server.port())) {
                assertThatThrownBy(() -> assertAnswers(third)).isInstanceOf(IOException.class);
            }
        }
    }

    @Test
    void aTakenPortIsAnErrorThatNamesTheSetting() {
        AdminServer other = new AdminServer(
                vertx, AdminSettings.loopback(server.port(), null), metrics, Optional::empty, "listener.admin");

        assertThatThrownBy(() -> get(other.start()))
                .hasRootCauseInstanceOf(java.net.BindException.class)
                .cause()
                .isInstanceOf(ListenException.class)
                .hasMessage("cannot listen on 127.0.0.1:" + server.port()
                        + ": the port is taken by another process (setting: listener.admin.port)");
    }

    private AdminServer server(@org.jspecify.annotations.Nullable Secret token) {
        AdminSettings settings =
                new AdminSettings("127.0.0.1", 0, List.of("proxy"), token, 1024, 2, Duration.ofMillis(300));
        AdminServer admin = new AdminServer(vertx, settings, metrics, () -> notReady);
        admin.router().get("/v1/items").handler(JsonExchange.answering(ctx -> Future.succeededFuture(List.of())));
        admin.router()
                .post("/v1/items")
                .handler(
                        JsonExchange.answering(201, ctx -> Future.succeededFuture(JsonExchange.body(ctx, Item.class))));
        admin.router()
                .get("/v1/refused")
                .handler(JsonExchange.answering(ctx ->
                        Future.failedFuture(Problem.of("busy", 409, "Busy").asException())));
        admin.router().get("/v1/bug").handler(ctx -> {
            throw new IllegalStateException("private");
        });
        admin.router()
                .get("/v1/id")
                .handler(JsonExchange.answering(ctx -> vertx.timer(1)
                        .map(fired -> Map.of("id", RequestId.current().orElse("none")))));
        return admin;
    }

    private void assertAnswers(RawExchange exchange) throws IOException {
        exchange.send("", "GET /healthz HTTP/1.1", "Host: localhost");
        assertThat(exchange.reply().status()).isEqualTo(200);
    }

    private RawExchange.Reply post(String body, String... headers) throws IOException {
        try (RawExchange exchange = new RawExchange(server.port())) {
            exchange.send(
                    body,
                    head("POST /v1/items", "localhost", "Content-Length: " + body.length() + "\r\n" + TOKEN, headers));
            return exchange.reply();
        }
    }

    private RawExchange.Reply call(String line, String... headers) throws IOException {
        return callHost("localhost", line, headers);
    }

    private RawExchange.Reply callHost(String host, String line, String... headers) throws IOException {
        try (RawExchange exchange = new RawExchange(server.port())) {
            exchange.send("", head(line, host, "X-Test: 1", headers));
            return exchange.reply();
        }
    }

    private static String[] head(String line, String host, String first, String... more) {
        String[] head = new String[3 + more.length];
        head[0] = line + " HTTP/1.1";
        head[1] = "Host: " + host;
        head[2] = first;
        System.arraycopy(more, 0, head, 3, more.length);
        return head;
    }

    private static void get(Future<?> future) throws Exception {
        future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
}
