package io.sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.sluice.proxy.admin.Contract;
import io.sluice.proxy.discovery.TestNameServer;
import io.sluice.proxy.listener.RawBackend;
import io.sluice.proxy.listener.Waiting;
import io.sluice.proxy.pool.Backend;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
    private final List<RawBackend> started = new ArrayList<>();
    private TestNameServer server;
    private FileProxy proxy;

    @BeforeEach
    void startNameServer() throws Exception {
        server = new TestNameServer(true);
        server.addresses("localhost.", 0, "127.0.0.1");
        proxy = new FileProxy(vertx, folder);
        proxy.judgedBy(new Contract(vertx));
        write(names(7001));
    }

    private String names(int adminPort) {
        return """
                discover:
                      name: _http._tcp.app.internal
                      record: srv
                      name-servers: ["%s"]
                      min-interval: 100ms
                      max-interval: 100ms
                      remove-after: 2
                      admin-port: %d
                """.formatted(server.address(), adminPort);
    }

    @AfterEach
    void stop() {
        proxy.stop();
        server.close();
        Waiting.on(vertx.close());
        started.forEach(RawBackend::close);
    }

    /** @param source where the pool's backends come from */
    private void write(String source) {
        proxy.write("""
                pools:
                  app:
                    min-in-service: 1
                    health: { path: /health, interval: 100ms }
                    %s
                routes:
                  - { name: all, path: /, pool: app }
                """.formatted(source));
    }

    private RawBackend startInstance() {
        RawBackend instance = RawBackend.answering("fine");
        started.add(instance);
        return instance;
    }

    private void announce(List<RawBackend> instances) {
        server.services(
                NAME,
                0,
                instances.stream()
                        .map(instance -> "1 1 " + instance.port() + " localhost.")
                        .toList());
    }

    private List<Backend> backends() {
        return proxy.pool("app").backends();
    }

    private void awaitInService(List<RawBackend> instances) {
        proxy.awaitInService("app", instances.stream().map(RawBackend::address).toList());
    }

    private void awaitAdminPort(int port) {
        Waiting.until(
                "admin port " + port,
                () -> backends().stream()
                        .allMatch(each -> each.adminUrl().orElse("").equals("http://127.0.0.1:" + port)
                                && each.incarnation() == 1));
    }

    private JsonObject pool(String path) {
        return proxy.get("/v1/pools/app" + path).bodyAsJsonObject();
    }

    @Test
    void instancesComeAndGoAndNoRequestFails() throws Exception {
        List<RawBackend> instances = new ArrayList<>(List.of(startInstance(), startInstance()));
        announce(instances);
        proxy.start();
        try (SteadyClients clients = new SteadyClients(proxy.trafficPort(), "/x")) {
            clients.awaitMore(50);
            awaitInService(instances);
            for (int i = 0; i < 2; i++) {
                instances.add(startInstance());
                announce(instances);
                awaitInService(instances);
                clients.awaitMore(50);

                RawBackend leaving = instances.remove(0);
                Backend left = backends().stream()
                        .filter(each -> each.address().equals(leaving.address()))
                        .findFirst()
                        .orElseThrow();
                announce(instances);
                awaitInService(instances);
                Waiting.until("it runs nothing any more", () -> left.inFlight() == 0);
                leaving.close();
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
        proxy.stop();

        proxy.start();
        awaitInService(instances);
        Waiting.on(proxy.program().reload("ana"));
        awaitInService(instances);
        write("backends: { a: { address: \"" + instances.get(0).address() + "\" } }");
        Waiting.on(proxy.program().reload("ana"));
        awaitInService(instances.subList(0, 1));
        assertThat(backends()).extracting(Backend::id).containsExactly("a");
    }

    @Test
    void settingsThatChangeReachBackendsThatAreThere() {
        List<RawBackend> instances = List.of(startInstance());
        announce(instances);
        proxy.start();
        awaitInService(instances);
        awaitAdminPort(7001);
        JsonObject heavier =
                new JsonObject().put("address", instances.get(0).address()).put("weight", 9);
        proxy.call(HttpMethod.PUT, "/v1/pools/app/backends/" + backends().get(0).id(), heavier);
        write(names(7002));
        Waiting.on(proxy.program().reload("ana"));
        awaitAdminPort(7002);
        assertThat(backends().get(0).weight()).as("as the answer says").isEqualTo(1);
        proxy.stop();

        write(names(7003));
        proxy.start();
        awaitAdminPort(7003);
    }
}
