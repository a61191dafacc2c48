package io.sluice.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.channel.epoll.Epoll;
import io.sluice.proxy.api.ProxyPaths;
import io.sluice.service.json.Json;
import io.sluice.system.fleet.Await;
import io.sluice.system.fleet.ChildJvm;
import io.sluice.system.fleet.Fleet;
import io.sluice.system.fleet.Http;
import io.sluice.system.load.LoadResult;
import io.sluice.system.load.OpenLoopLoad;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy is replaced by another process while webhooks keep coming. */
class TakeOverIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int TAKE_OVERS = 3;
    private static final int ATTEMPTS = 5;
    private static final int LONGEST_FOLDER = 70;

    @TempDir
    Path folder;

    @BeforeEach
    void needsWhatPassesSockets() {
        assumeTrue(Epoll.isAvailable(), "needs the epoll transport");
        assumeTrue(folder.toString().length() <= LONGEST_FOLDER, "needs a folder with a shorter name");
    }

    @Test
    void takeOversInARowFailNoWebhook() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 2);
                OpenLoopLoad load = OpenLoopLoad.start(fleet.trafficPort(), Fleet.WEBHOOK, 150)) {
            List<ChildJvm> replaced = new ArrayList<>();
            for (int i = 1; i <= TAKE_OVERS; i++) {
                awaitMore(load);
                replaced.add(fleet.process("proxy"));
                String name = "proxy-" + i;
                fleet.startSuccessor(name, fleet.proxySettingsFile());
                awaitOutput(fleet, name, "took the place");
                fleet.replaceProxy(name);
                assertThat(takesChanges(fleet)).isTrue();
            }
            awaitMore(load);
            LoadResult result = load.stop();
            assertThat(result.rejected()).isEmpty();
            assertThat(result.byInstance()).hasSize(2);
            for (ChildJvm old : replaced) {
                // The load has closed its idle connections.
                assertThat(old.awaitExit(SOON)).as(old.tail()).isZero();
            }
        }
    }

    @Test
    void aReplacedProxyEndsByItself() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 1)) {
            ChildJvm old = fleet.process("proxy");
            fleet.startSuccessor("proxy-1", fleet.proxySettingsFile());
            assertThat(old.awaitExit(SOON)).isZero();
            fleet.replaceProxy("proxy-1");
            fleet.awaitInService(1);
        }
    }

    @Test
    void aProcessWithInvalidSettingsChangesNothing() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 2)) {
            Path invalid = folder.resolve("invalid.yaml");
            Files.writeString(invalid, Files.readString(fleet.proxySettingsFile()) + "\nno such key: 1\n");
            assertThat(fleet.startSuccessor("proxy-1", invalid).awaitExit(SOON)).isEqualTo(2);
            assertThat(fleet.process("proxy").isAlive()).isTrue();
            assertThat(takesChanges(fleet)).isTrue();
        }
    }

    @Test
    void aProcessThatIsKilledInTheMiddleChangesNothing() throws Exception {
        try (Fleet fleet = Fleet.start(folder, 2);
                ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Path slow = slowToStart(fleet, silent);
            for (int i = 1; i <= ATTEMPTS; i++) {
                String name = "proxy-" + i;
                ChildJvm successor = fleet.startSuccessor(name, slow);
                awaitOutput(fleet, name, "taking the place");
                successor.kill();
                if (!fleet.output(name).contains("took the place")) {
                    awaitGoesOn(fleet);
                    return;
                }
                // It was faster this time.
                fleet.process("proxy").close();
                fleet.startProxy();
                fleet.awaitInService(2);
            }
            throw new AssertionError("every process took over before it could be killed");
        }
    }

    /** A proxy with these settings waits for the first check of a backend that says nothing, between journal and place. */
    private Path slowToStart(Fleet fleet, ServerSocket silent) throws IOException {
        ObjectNode settings =
                (ObjectNode) Json.mapper().readTree(fleet.proxySettingsFile().toFile());
        ObjectNode backends = (ObjectNode) settings.at("/pools/" + Fleet.POOL + "/backends");
        backends.putObject("silent").put("address", "127.0.0.1:" + silent.getLocalPort());
        Path file = folder.resolve("slow.yaml");
        Files.writeString(file, Json.mapper().writeValueAsString(settings));
        return file;
    }

    private static void awaitGoesOn(Fleet fleet) throws Exception {
        Await.until("changes are taken again", SOON, () -> takesChanges(fleet));
        assertThat(fleet.process("proxy").isAlive()).isTrue();
        assertThat(fleet.pool().backends())
                .as("without what the other file said")
                .hasSize(2);
        Http.Reply reply =
                fleet.http().send("POST", "http://127.0.0.1:" + fleet.trafficPort() + Fleet.WEBHOOK, "{\"n\":1}");
        assertThat(reply.status()).isEqualTo(202);
    }

    private static boolean takesChanges(Fleet fleet) throws Exception {
        String hold = fleet.adminUrl() + ProxyPaths.hold(Fleet.POOL, Fleet.instanceId(1), "operator:test");
        Http.Reply placed = fleet.http().send("PUT", hold, "{\"reason\":\"test\",\"drainTimeout\":\"10s\"}");
        return placed.status() == 202 && fleet.http().send("DELETE", hold, null).status() == 200;
    }

    private static void awaitMore(OpenLoopLoad load) {
        int wanted = load.answered() + 100;
        Await.until("the load runs", SOON, () -> load.answered() >= wanted);
    }

    private static void awaitOutput(Fleet fleet, String name, String text) {
        Await.until(
                () -> name + " says: " + text + fleet.process(name).tail(),
                SOON,
                () -> fleet.output(name).contains(text));
    }
}
