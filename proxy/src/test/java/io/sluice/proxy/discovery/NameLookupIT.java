package io.sluice.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.sluice.proxy.discovery.DiscoverySettings.RecordKind;
import io.sluice.proxy.discovery.LookupException.Kind;
import io.vertx.core.Vertx;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NameLookupIT {
    private static final String NAME = "app.internal.";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private TestNameServer server;
    /** Long enough for any machine; tests that need a time-out set a short one. */
    private Duration timeout = Duration.ofSeconds(20);

    @BeforeEach
    void startServer() throws Exception {
        server = new TestNameServer(true);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(20, TimeUnit.SECONDS);
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private DiscoverySettings settings(
            String name, RecordKind record, AddressFamily family, List<InetSocketAddress> servers) {
        return new DiscoverySettings(
                name,
                record == RecordKind.SRV ? 0 : 8080,
                record,
                family,
                servers,
                Duration.ofSeconds(1),
                Duration.ofSeconds(10),
                timeout,
                3,
                50,
                200,
                1,
                null);
    }

    private Answer look(DiscoverySettings settings) throws Exception {
        try (NameServerClient client = new NameServerClient(loops.next(), settings.timeout())) {
            SystemFiles files = new SystemFiles(vertx, folder.resolve("resolv.conf"), folder.resolve("hosts"));
            return Objects.requireNonNull(new NameLookup(settings, client, files)
                    .look()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(60, TimeUnit.SECONDS));
        }
    }

    private Answer look(AddressFamily family) throws Exception {
        return look(settings("app.internal", RecordKind.ADDRESS, family, List.of(server.socketAddress())));
    }

    private LookupException refused(DiscoverySettings settings) {
        ExecutionException failed = catchThrowableOfType(ExecutionException.class, () -> look(settings));
        return (LookupException) Objects.requireNonNull(failed.getCause());
    }

    private LookupException refused() {
        return refused(
                settings("app.internal", RecordKind.ADDRESS, AddressFamily.AUTO, List.of(server.socketAddress())));
    }

    private static List<String> addresses(Answer answer) {
        return answer.endpoints().stream()
                .map(each -> each.address().toString())
                .toList();
    }

    @Test
    void aNameStandsForItsAddressesAsLongAsTheShortestOfThemLives() throws Exception {
        server.addresses(NAME, 7, "10.0.0.2", "10.0.0.1", "fd00::1");
        Answer answer = look(AddressFamily.AUTO);
        assertThat(addresses(answer)).containsExactly("10.0.0.1:8080", "10.0.0.2:8080");
        assertThat(answer.timeToLive()).isEqualTo(Duration.ofSeconds(7));
        assertThat(answer.endpoints().get(0).id()).isEqualTo("dns-10.0.0.1-8080");
        assertThat(addresses(look(AddressFamily.IPV6))).containsExactly("[fd00::1]:8080");
        assertThat(addresses(look(AddressFamily.BOTH))).hasSize(3);
    }

    @Test
    void aNameWithoutIpv4IsAskedForIpv6() throws Exception {
        server.addresses(NAME, 7, "fd00::1");
        assertThat(addresses(look(AddressFamily.AUTO))).containsExactly("[fd00::1]:8080");
        server.addresses(NAME, 7);
        assertThat(refused().kind()).isEqualTo(Kind.EMPTY);
    }

    @Test
    void aliasesAreFollowed() throws Exception {
        server.alias(NAME, 3, "lb.internal.");
        server.addresses("lb.internal.", 60, "10.0.0.1");
        Answer answer = look(AddressFamily.AUTO);
        assertThat(addresses(answer)).containsExactly("10.0.0.1:8080");
        assertThat(answer.timeToLive()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void whatDoesNotFitIntoADatagramIsAskedForByTcp() throws Exception {
        String[] many =
                IntStream.rangeClosed(1, 150).mapToObj(i -> "10.0.1." + i).toArray(String[]::new);
        server.addresses(NAME, 7, many);
        server.truncate();
        assertThat(look(AddressFamily.AUTO).endpoints()).hasSize(150);
        assertThat(server.askedByTcp()).isEqualTo(1);
    }

    @Test
    void halfAnAnswerIsNone() throws Exception {
        try (TestNameServer small = new TestNameServer(false)) {
            small.addresses(NAME, 7, "10.0.0.1");
            small.truncate();
            DiscoverySettings settings =
                    settings("app.internal", RecordKind.ADDRESS, AddressFamily.AUTO, List.of(small.socketAddress()));
            assertThat(refused(settings).kind()).isEqualTo(Kind.TRUNCATED);
        }
    }

    @Test
    void moreAddressesThanAPoolMayGetAreNotBelieved() {
        server.addresses(
                NAME,
                7,
                IntStream.rangeClosed(1, 201).mapToObj(i -> "10.0.1." + i).toArray(String[]::new));
        server.truncate();
        assertThat(refused().kind()).isEqualTo(Kind.TOO_MANY);
    }

    @Test
    void failuresHaveNames() {
        assertThat(refused().kind()).isEqualTo(Kind.NXDOMAIN);
        server.fail(DnsResponseCode.SERVFAIL);
        assertThat(refused())
                .hasMessageContaining(server.address())
                .satisfies(e -> assertThat(e.kind()).isEqualTo(Kind.SERVFAIL));
        server.fail(DnsResponseCode.REFUSED);
        assertThat(refused().kind()).isEqualTo(Kind.REFUSED);
        server.fallSilent();
        timeout = Duration.ofMillis(20);
        assertThat(refused().kind()).isEqualTo(Kind.TIMEOUT);
    }

    @Test
    void theNextServerIsAskedWhereOneCannotTell() throws Exception {
        try (TestNameServer second = new TestNameServer(true)) {
            second.addresses(NAME, 7, "10.0.0.1");
            server.fail(DnsResponseCode.SERVFAIL);
            DiscoverySettings both = settings(
                    "app.internal",
                    RecordKind.ADDRESS,
                    AddressFamily.AUTO,
                    List.of(server.socketAddress(), second.socketAddress()));
            assertThat(addresses(look(both))).containsExactly("10.0.0.1:8080");
            assertThat(server.asked()).isEqualTo(1);

            server.fail(DnsResponseCode.NXDOMAIN);
            assertThat(refused(both).kind()).isEqualTo(Kind.NXDOMAIN);
        }
    }

    @Test
    void servicesSayPortsAndWeights() throws Exception {
        server.services(
                "_http._tcp.app.internal.",
                9,
                List.of("10 5 8001 one.internal.", "10 0 8002 one.internal.", "20 1 8003 two.internal."));
        server.addresses("one.internal.", 60, "10.0.0.1");
        server.addresses("two.internal.", 60, "10.0.0.2");
        DiscoverySettings settings = settings(
                "_http._tcp.app.internal", RecordKind.SRV, AddressFamily.AUTO, List.of(server.socketAddress()));
        Answer answer = look(settings);
        assertThat(answer.endpoints())
                .extracting(each -> each.address() + " " + each.weight() + " " + each.backup())
                .containsExactly("10.0.0.1:8001 5 false", "10.0.0.1:8002 1 false", "10.0.0.2:8003 1 true");
        assertThat(answer.timeToLive()).isEqualTo(Duration.ofSeconds(9));
        server.forget("two.internal.");
        assertThat(refused(settings).kind()).isEqualTo(Kind.EMPTY);
    }

    @Test
    void theHostsFileComesFirst() throws Exception {
        Files.writeString(folder.resolve("hosts"), "10.9.9.9 app.internal\n");
        Answer answer = look(settings("app.internal", RecordKind.ADDRESS, AddressFamily.AUTO, List.of()));
        assertThat(addresses(answer)).containsExactly("10.9.9.9:8080");
        assertThat(answer.timeToLive()).isEqualTo(Duration.ofSeconds(10));
    }
}
