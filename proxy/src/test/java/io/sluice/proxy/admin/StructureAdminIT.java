package io.sluice.proxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.sluice.proxy.FileProxy;
import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.sluice.service.json.Json;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Routes and pools of a whole proxy, changed over HTTP and by its file; each request and response is held against the OpenAPI document. */
class StructureAdminIT {
    private static final String ROUTES = "/v1/routes";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    private final RawBackend one = RawBackend.answering("one");
    private final RawBackend two = RawBackend.answering("two");
    private Contract contract;
    private FileProxy proxy;

    @BeforeEach
    void start() throws Exception {
        contract = new Contract(vertx);
        proxy = new FileProxy(vertx, folder);
        write("");
        proxy.start();
    }

    @AfterEach
    void stop() {
        proxy.stop();
        Waiting.on(vertx.close());
        one.close();
        two.close();
    }

    /** Two pools, {@code a} of one and {@code b} of two; a route to the first. {@code more} is appended to the routes. */
    private void write(String more) {
        writeAll("drain-timeout: 30s", "- { name: main, path: /main/, pool: a }\n" + more);
    }

    private void writeAll(String settingsOfA, String routes) {
        proxy.write("""
                rate-limits:
                  hard: { rate: 1/m }
                pools:
                  a:
                    %s
                    backends: { a1: { address: "127.0.0.1:%d" } }
                  b:
                    backends: { b1: { address: "127.0.0.1:%d" } }
                routes:
                %s
                """.formatted(settingsOfA, one.port(), two.port(), routes.indent(2)));
    }

    /** The answer to a GET of the proxy's clients: status and body. */
    private String traffic(String path) throws Exception {
        HttpResponse<Buffer> response =
                Waiting.on(client.get(proxy.trafficPort(), "127.0.0.1", path).send());
        return response.statusCode() == 200 ? response.bodyAsString() : String.valueOf(response.statusCode());
    }

    /** {@code headers} as {@code Name: value}. */
    private HttpResponse<Buffer> send(HttpMethod method, String target, @Nullable String body, String... headers)
            throws Exception {
        MultiMap all = MultiMap.caseInsensitiveMultiMap();
        for (String header : headers) {
            int colon = header.indexOf(": ");
            all.add(header.substring(0, colon), header.substring(colon + 2));
        }
        contract.checkRequest(method, target, all, body == null ? null : Buffer.buffer(body));
        HttpRequest<Buffer> request = proxy.request(method, target).bearerTokenAuthentication(FileProxy.TOKEN);
        all.forEach(request::putHeader);
        if (body != null) {
            request.putHeader("Content-Type", "application/json");
        }
        HttpResponse<Buffer> response =
                Waiting.on(body == null ? request.send() : request.sendBuffer(Buffer.buffer(body)));
        contract.checkResponse(method, target, response);
        return response;
    }

    private HttpResponse<Buffer> get(String target) throws Exception {
        return send(HttpMethod.GET, target, null);
    }

    private HttpResponse<Buffer> put(String target, String body, String... headers) throws Exception {
        return send(HttpMethod.PUT, target, body, headers);
    }

    private HttpResponse<Buffer> delete(String target, String... headers) throws Exception {
        return send(HttpMethod.DELETE, target, null, headers);
    }

    private HttpResponse<Buffer> reload(String query) throws Exception {
        return send(HttpMethod.POST, "/v1/reload" + query, null);
    }

    private static JsonNode json(HttpResponse<Buffer> response) throws Exception {
        return Json.mapper().readTree(response.bodyAsBuffer().getBytes());
    }

    private static void assertStatus(HttpResponse<Buffer> response, int status) {
        assertThat(response.statusCode()).as(response.bodyAsString()).isEqualTo(status);
    }

    private static void assertProblem(HttpResponse<Buffer> response, int status, String type) throws Exception {
        assertStatus(response, status);
        assertThat(json(response).path("type").asText()).isEqualTo("/problems/" + type);
    }

    private static List<String> pointers(HttpResponse<Buffer> response) throws Exception {
        return json(response).path("errors").findValuesAsText("pointer");
    }

    private List<String> names() throws Exception {
        return json(get(ROUTES)).path("routes").findValuesAsText("name");
    }

    @Test
    void routesAreListedWithWhereTheyComeFrom() throws Exception {
        HttpResponse<Buffer> listed = get(ROUTES);
        assertThat(listed.getHeader("ETag")).isEqualTo("\"1\"");
        assertThat(json(listed).at("/routes/0/origin").asText()).isEqualTo("file");
        assertThat(json(listed).at("/routes/0/route/pool").asText()).isEqualTo("a");
        assertThat(json(listed).at("/rateLimits/hard/rate").asText()).isEqualTo("1/m");
        assertStatus(get(ROUTES + "/main"), 200);
        assertProblem(get(ROUTES + "/other"), 404, "not-found");
    }

    @Test
    void whatIsNotThereAndWhatMakesNoSenseIsAnsweredAsAnnounced() throws Exception {
        for (String path : List.of("/explain", "/journal", "/settings")) {
            assertProblem(get("/v1/pools/none" + path), 404, "not-found");
        }
        for (String target : List.of("/v1/routing/journal?limit=many", "/v1/routing/explain", "/v1/reload?prefer=me")) {
            HttpMethod method = target.startsWith("/v1/reload") ? HttpMethod.POST : HttpMethod.GET;
            HttpResponse<Buffer> refused = proxy.call(method, target, null);
            contract.checkResponse(method, target, refused);
            assertProblem(refused, 400, "invalid-request");
        }
        for (String path : List.of("/status", "/healthz", "/readyz", "/metrics", "/openapi.yaml", "/v1/status")) {
            assertStatus(get(path), 200);
        }
    }

    @Test
    void aRouteIsCreatedReplacedAndRemovedAndTrafficFollows() throws Exception {
        assertThat(traffic("/new/x")).isEqualTo("404");
        String document = "{\"path\":\"/new/\",\"pool\":\"b\"}";
        HttpResponse<Buffer> created = put(ROUTES + "/new", document, "If-None-Match: *");
        assertStatus(created, 201);
        assertThat(created.getHeader("ETag")).isEqualTo("\"2\"");
        assertThat(json(created).path("origin").asText()).isEqualTo("api");
        assertThat(traffic("/new/x")).isEqualTo("two");
        assertProblem(put(ROUTES + "/new", document, "If-None-Match: *"), 412, "already-exists");
        assertThat(put(ROUTES + "/new", document).getHeader("ETag"))
                .as("as asked for already")
                .isEqualTo("\"2\"");

        String moved = "{\"name\":\"new\",\"path\":\"/new/\",\"pool\":\"a\"}";
        assertProblem(put(ROUTES + "/new", moved), 428, "precondition-required");
        assertProblem(put(ROUTES + "/new", moved, "If-Match: \"1\""), 412, "revision-mismatch");
        assertStatus(put(ROUTES + "/new?reason=move", moved, "If-Match: \"2\"", "X-Author: ana"), 200);
        assertThat(traffic("/new/x")).isEqualTo("one");
        assertThat(metrics()).contains("route=\"new\"");

        assertStatus(delete(ROUTES + "/new"), 200);
        assertThat(traffic("/new/x")).isEqualTo("404");
        assertThat(metrics()).doesNotContain("route=\"new\"").contains("route=\"main\"");
        assertProblem(delete(ROUTES + "/new"), 404, "not-found");

        JsonNode journal = json(get("/v1/routing/journal?limit=3"));
        assertThat(journal.path("entries").findValuesAsText("op"))
                .containsExactly("remove-route", "put-route", "put-route");
        assertThat(journal.path("entries").findValuesAsText("author")).containsExactly("admin", "ana", "admin");
    }

    private String metrics() throws Exception {
        return proxy.get("/metrics").bodyAsString();
    }

    @Test
    void allRoutesAreReplacedAtOnceOrNot() throws Exception {
        String wished = "{\"routes\":[{\"name\":\"x\",\"path\":\"/x/\",\"pool\":\"b\"},"
                + "{\"name\":\"y\",\"path\":\"/y/\",\"pool\":\"a\",\"rate-limits\":[{\"zone\":\"soft\"}]}],"
                + "\"rate-limits\":{\"soft\":{\"rate\":\"1000/s\"}}}";
        assertProblem(put(ROUTES, wished), 428, "precondition-required");
        HttpResponse<Buffer> replaced = put(ROUTES, wished, "If-Match: \"1\"");
        assertStatus(replaced, 200);
        assertThat(names()).containsExactly("x", "y");
        assertThat(traffic("/x/")).isEqualTo("two");
        assertThat(traffic("/main/")).isEqualTo("404");
        String wrong = "{\"routes\":[{\"name\":\"x\",\"path\":\"/x/\",\"pool\":\"b\"},"
                + "{\"name\":\"x\",\"path\":\"/x/\",\"pool\":\"c\",\"tries\":1}]}";
        HttpResponse<Buffer> refused = put(ROUTES, wrong, "If-Match: *");
        assertProblem(refused, 400, "invalid-request");
        assertThat(pointers(refused))
                .containsExactlyInAnyOrder("/routes/1/pool", "/routes/1/name", "/routes/1/path", "/routes/1/tries");
        assertThat(names()).containsExactly("x", "y");
    }

    @Test
    void everyMistakeOfARouteIsPointedAt() throws Exception {
        HttpResponse<Buffer> refused =
                put(ROUTES + "/bad", "{\"path\":\"nowhere\",\"pool\":\"c\",\"head-timeout\":\"soon\",\"pol\":\"a\"}");
        assertProblem(refused, 400, "invalid-request");
        assertThat(pointers(refused)).containsExactlyInAnyOrder("/path", "/pool", "/head-timeout", "/pol");
        assertThat(refused.bodyAsString()).contains("did you mean pool?");
        HttpResponse<Buffer> unreachable = put(ROUTES + "/second", "{\"path\":\"/main/\",\"pool\":\"b\"}");
        assertThat(pointers(unreachable)).containsExactly("/path");
        assertThat(unreachable.bodyAsString()).contains("route main");
        assertProblem(put(ROUTES + "/n", "{\"name\":\"m\",\"path\":\"/\",\"pool\":\"a\"}"), 400, "invalid-request");
    }

    @Test
    void explainTellsWhichRouteTakesARequestAndWhyNoOther() throws Exception {
        put(ROUTES + "/api", "{\"path\":\"/main/\",\"host\":\"api.test\",\"pool\":\"b\",\"methods\":[\"GET\"]}");
        JsonNode explained = json(get("/v1/routing/explain?path=/main/x&host=api.test"));
        assertThat(explained.path("route").asText()).isEqualTo("api");
        assertThat(explained.toString()).contains("would take it, but one before it does");
        JsonNode other = json(get("/v1/routing/explain?path=/main/x&host=other.test"));
        assertThat(other.path("route").asText()).isEqualTo("main");
        assertThat(other.toString()).contains("host: other.test is not api.test");
    }

    @Test
    void aPoolIsCreatedChangedAndRemoved() throws Exception {
        String document = "{\"balance\":\"round-robin\",\"health\":{\"path\":\"/\",\"interval\":\"100ms\"},"
                + "\"backends\":{\"c1\":{\"address\":\"127.0.0.1:" + two.port() + "\"}}}";
        HttpResponse<Buffer> created = put("/v1/pools/c", document, "If-None-Match: *");
        assertStatus(created, 201);
        assertThat(traffic("/c/")).isEqualTo("404");
        assertStatus(put(ROUTES + "/c", "{\"path\":\"/c/\",\"pool\":\"c\"}"), 201);
        assertThat(traffic("/c/")).as("after the first check").isEqualTo("two");
        assertThat(json(get("/v1/pools/c/explain")).path("balance").asText()).contains("round");
        assertThat(metrics()).contains("sluice_proxy_pool_in_service{pool=\"c\"} 1");

        JsonNode settings = json(get("/v1/pools/c/settings"));
        assertThat(settings.path("origin").asText()).isEqualTo("api");
        assertThat(settings.at("/settings/health/interval").asText()).isEqualTo("100ms");
        HttpResponse<Buffer> same = put("/v1/pools/c", settings.path("settings").toString());
        assertThat(same.getHeader("ETag")).as("as asked for already").isEqualTo("\"1\"");
        String changed = document.replace("round-robin", "random-two-choices").replace("\"path\":\"/\",", "");
        assertProblem(put("/v1/pools/c", changed), 428, "precondition-required");
        assertStatus(put("/v1/pools/c", changed, "If-Match: \"1\""), 200);
        assertThat(json(get("/v1/pools/c/explain")).path("balance").asText()).contains("random");
        assertThat(traffic("/c/")).isEqualTo("two");

        HttpResponse<Buffer> used = delete("/v1/pools/c");
        assertProblem(used, 409, "pool-in-use");
        assertThat(used.bodyAsString()).contains("route c leads to pool c");
        assertStatus(delete(ROUTES + "/c"), 200);
        assertStatus(delete("/v1/pools/c"), 200);
        assertThat(metrics()).doesNotContain("pool=\"c\"");
        assertProblem(delete("/v1/pools/c"), 404, "not-found");
        assertProblem(get("/v1/pools/c"), 404, "not-found");
        assertThat(put("/v1/pools/c", document).getHeader("ETag"))
                .as("a name that returns counts on")
                .isEqualTo("\"3\"");
    }

    @Test
    void everyMistakeOfAPoolIsPointedAt() throws Exception {
        HttpResponse<Buffer> refused = put(
                "/v1/pools/c",
                "{\"balance\":\"best\",\"health\":{\"interval\":\"soon\"},\"sticky\":{\"cookie\":\"c\"},"
                        + "\"backends\":{\"c1\":{\"adress\":\"x\"}}}");
        assertProblem(refused, 400, "invalid-request");
        assertThat(pointers(refused))
                .containsExactlyInAnyOrder(
                        "/balance", "/health/interval", "/backends/c1/address", "/backends/c1/adress");
        HttpResponse<Buffer> secret =
                put("/v1/pools/c", "{\"sticky\":{\"cookie\":\"c\",\"secret\":\"hidden\"},\"backends\":{}}");
        assertThat(pointers(secret)).containsExactly("/sticky/secret");
        assertThat(secret.bodyAsString()).doesNotContain("hidden");
    }

    @Test
    void whatTheApiChangedSurvivesARestartAndAnUntouchedFile() throws Exception {
        put("/v1/pools/c", "{\"backends\":{\"c1\":{\"address\":\"127.0.0.1:" + two.port() + "\"}}}");
        put(ROUTES + "/c", "{\"path\":\"/c/\",\"pool\":\"c\"}");
        put(ROUTES + "/main", "{\"path\":\"/main/\",\"pool\":\"b\"}", "If-Match: *");
        proxy.stop();
        proxy.start();
        assertThat(traffic("/c/")).isEqualTo("two");
        assertThat(traffic("/main/")).isEqualTo("two");
        assertThat(names()).containsExactly("main", "c");
        assertThat(get(ROUTES).getHeader("ETag")).isEqualTo("\"3\"");
        assertThat(json(get(ROUTES)).at("/routes/0/origin").asText()).isEqualTo("api");
        assertThat(json(get("/v1/pools/c/settings")).path("origin").asText()).isEqualTo("api");
    }

    @Test
    void aReloadTakesWhatTheFileChangedAndKeepsWhatTheApiDid() throws Exception {
        put(ROUTES + "/mine", "{\"path\":\"/mine/\",\"pool\":\"b\"}");
        writeAll(
                "drain-timeout: 5s",
                "- { name: main, path: /main/, pool: b }\n- { name: more, path: /more/, pool: a }");
        HttpResponse<Buffer> looked = reload("?dry-run=true");
        assertThat(json(looked).path("changed").asBoolean()).isTrue();
        assertThat(traffic("/more/")).isEqualTo("404");

        HttpResponse<Buffer> reloaded = reload("");
        assertStatus(reloaded, 200);
        assertThat(json(reloaded).path("changes").toString())
                .contains("routes.main", "routes.more", "pools.a")
                .doesNotContain("pools.b", "routes.mine");
        assertThat(json(reloaded).path("needsRestart")).isEmpty();
        assertThat(traffic("/more/")).isEqualTo("one");
        assertThat(traffic("/main/")).isEqualTo("two");
        assertThat(traffic("/mine/")).isEqualTo("two");
        assertThat(json(get("/v1/pools/a/settings"))
                        .at("/settings/drain-timeout")
                        .asText())
                .isEqualTo("5s");
        assertThat(json(reload("")).path("changed").asBoolean()).isFalse();

        write("");
        assertStatus(reload(""), 200);
        assertThat(names()).containsExactly("main", "mine");
    }

    @Test
    void aContradictionIsNamedAndChangesNothingUnlessToldWhoseWordCounts() throws Exception {
        put(ROUTES + "/main", "{\"path\":\"/main/\",\"pool\":\"b\",\"max-body\":\"2MiB\"}", "If-Match: *");
        writeAll(
                "drain-timeout: 30s",
                "- { name: main, path: /main/, pool: a, max-body: 3MiB }\n- { name: more, path: /more/, pool: a }");
        HttpResponse<Buffer> refused = reload("");
        assertProblem(refused, 409, "file-conflict");
        assertThat(refused.bodyAsString()).contains("routes.main.max-body", "2MiB", "3MiB");
        assertThat(names()).containsExactly("main");

        assertStatus(reload("?prefer=live"), 200);
        assertThat(json(get(ROUTES + "/main")).at("/route/max-body").asText()).isEqualTo("2MiB");
        assertThat(traffic("/main/")).isEqualTo("two");
        assertThat(traffic("/more/")).isEqualTo("one");

        writeAll("drain-timeout: 30s", "- { name: main, path: /main/, pool: a, max-body: 4MiB }");
        assertStatus(reload("?prefer=file"), 200);
        assertThat(json(get(ROUTES + "/main")).at("/route/max-body").asText()).isEqualTo("4MiB");
        assertThat(traffic("/main/")).as("the file did not change the pool").isEqualTo("two");
    }

    @Test
    void aFileThatIsWrongChangesNothingAndIsAnsweredWithEverything() throws Exception {
        writeAll("drain-timeout: soon", "- { name: other, path: /other/, pool: none }");
        HttpResponse<Buffer> refused = reload("");
        assertProblem(refused, 422, "invalid-settings");
        assertThat(pointers(refused)).containsExactlyInAnyOrder("/pools/a/drain-timeout", "/routes/0/pool");
        assertThat(traffic("/main/")).isEqualTo("one");
    }

    @Test
    void aReloadNamesWhatItCannotChange() throws Exception {
        Path file = proxy.file();
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("lame-duck: 0s", "lame-duck: 1s, max-connections: 7")
                        .replace("access-log: { on: false }", "access-log: { on: true }"));
        HttpResponse<Buffer> reloaded = reload("");
        assertThat(json(reloaded).path("changed").asBoolean()).isFalse();
        assertThat(json(reloaded).path("needsRestart").toString())
                .isEqualTo("[\"listener.lame-duck\",\"listener.max-connections\",\"access-log.on\"]");
    }
}
