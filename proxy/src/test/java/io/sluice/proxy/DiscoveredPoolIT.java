package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sluice.proxy.discovery.TestNameServer;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.WebClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that is started from a file and knows its backends by DNS alone, under load. */
class DiscoveredPoolIT {
    private static final String NAME = "_http._tcp.app.internal.";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final WebClient client = WebClient.create(vertx);
    private TestNameServer server;
    private Path file;

    @SuppressWarnings("NullAway.Init") // each test starts it
    private ProxyProgram proxy;

    @BeforeEach
    void startNameServer() throws Exception {
        server = new TestNameServer(true);
        server.addresses("localhost.", 0, "127.0.0.1");
        file = folder.resolve("proxy.yaml");
        Files.writeString(file, """
                    listener: { host: 127.0.0.1, port: 0, lame-duck: 0s }
                    admin: { host: 127.0.0.1, port: 0, token: token }
                    pools:
                      app:
                        min-in-service: 1
                        health: { path: /health, interval: 100ms }
                        discover:
                          name: _http._tcp.app.internal
                          record: srv
                          name-servers: ["%s"]
                          min-interval: 100ms
                          max-interval: 100ms
                          remove-after: 2
                    routes:
                      - { name: all, path: /, pool: app }
                    access-log: { "on": false }
                    data: "%s"
                    """.formatted(server.address(), folder.resolve("data")));
    }

    @AfterEach
    void stop() {
        server.close();
        Waiting.on(vertx.close());
    }

    private void startProxy() {
        proxy = new ProxyProgram(
                vertx,
                ProxySettings.read(file, Map.of()),
                () -> ProxySettings.read(file, Map.of()),
                Succession.NONE,
                Clock.systemUTC(),
                System::nanoTime);
        Waiting.on(proxy.start());
    }

    private HttpServer startInstance() {
        return Waiting.on(vertx.createHttpServer()
                .requestHandler(request -> request.response().end("fine"))
                .listen(0, "127.0.0.1"));
    }

    private void announce(List<HttpServer> instances) {
        server.services(
                NAME,
                0,
                instances.stream()
                        .map(instance -> "1 1 " + instance.actualPort() + " localhost.")
                        .toList());
    }

    private List<Backend> backends() {
        return proxy.pools().pool("app").orElseThrow().snapshot().backends();
    }

    private void awaitInService(List<HttpServer> instances) {
        Set<String> wanted = instances.stream()
                .map(instance -> "127.0.0.1:" + instance.actualPort())
                .collect(Collectors.toSet());
        Waiting.until("in service: " + wanted, () -> {
            List<Backend> now = backends();
            return now.stream().allMatch(Backend::isEligible)
                    && now.stream()
                            .map(Backend::address)
                            .collect(Collectors.toSet())
                            .equals(wanted);
        });
    }

    private JsonObject pool(String path) {
        return Waiting.on(client.get(proxy.adminPort(), "127.0.0.1", "/v1/pools/app" + path)
                        .bearerTokenAuthentication("token")
                        .send())
                .bodyAsJsonObject();
    }

    @Test
    void instancesComeAndGoAndNoRequestFails() throws Exception {
        List<HttpServer> instances = new ArrayList<>(List.of(startInstance(), startInstance()));
        announce(instances);
        startProxy();
        try (SteadyClients clients = new SteadyClients(proxy.trafficPort(), "/x")) {
            clients.awaitMore(50);
            awaitInService(instances);
            for (int i = 0; i < 2; i++) {
                instances.add(startInstance());
                announce(instances);
                awaitInService(instances);
                clients.awaitMore(50);

                HttpServer leaving = instances.remove(0);
                Backend left = backends().stream()
                        .filter(each -> each.address().endsWith(":" + leaving.actualPort()))
                        .findFirst()
                        .orElseThrow();
                announce(instances);
                awaitInService(instances);
                Waiting.until("it runs nothing any more", () -> left.inFlight() == 0);
                Waiting.on(leaving.close());
                clients.awaitMore(50);
            }
            server.fail(DnsResponseCode.SERVFAIL);
            Waiting.until(
                    "it is told", () -> pool("").getJsonObject("discovery").containsKey("failure"));
            clients.awaitMore(50);
            assertThat(clients.stop()).isEmpty();
        }
        JsonObject view = pool("");
        assertThat(view.getJsonArray("backends").getJsonObject(0).getString("source"))
                .isEqualTo("discovered");
        assertThat(view.getJsonObject("discovery").getJsonArray("addresses")).hasSize(2);
        assertThat(pool("/explain").getJsonObject("discovery").getString("failure"))
                .contains(server.address());
        assertThat(pool("/settings").getJsonObject("settings").getJsonObject("backends"))
                .as("what nobody wrote is in no document")
                .isEmpty();
        Waiting.on(proxy.stop());

        startProxy();
        awaitInService(instances);
        Waiting.on(proxy.reload("ana"));
        awaitInService(instances);
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceAll(
                                "(?s)discover:.*remove-after: 2",
                                "backends: { a: { address: \"127.0.0.1:%d\" } }"
                                        .formatted(instances.get(0).actualPort())));
        Waiting.on(proxy.reload("ana"));
        awaitInService(instances.subList(0, 1));
        assertThat(backends()).extracting(Backend::id).containsExactly("a");
        Waiting.on(proxy.stop());
    }
}
