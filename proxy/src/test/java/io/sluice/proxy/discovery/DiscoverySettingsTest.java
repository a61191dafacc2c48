package io.sluice.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.sluice.proxy.discovery.DiscoverySettings.RecordKind;
import io.sluice.service.settings.InvalidSettingsException;
import io.sluice.service.settings.SettingsDocument;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DiscoverySettingsTest {
    private final ObjectNode pool = JsonNodeFactory.instance.objectNode();

    private Optional<DiscoverySettings> read() {
        SettingsDocument document = SettingsDocument.of("pool", pool, null, Map.of(), "-");
        Optional<DiscoverySettings> settings = DiscoverySettings.read(document.root());
        document.finish();
        return settings;
    }

    @Test
    void nothingIsLookedUpWithoutTheSection() {
        assertThat(read()).isEmpty();
    }

    @Test
    void nameAndPortAreEnough() {
        pool.putObject("discover").put("name", "app").put("port", 8080);
        assertThat(read())
                .contains(new DiscoverySettings(
                        "app",
                        8080,
                        RecordKind.ADDRESS,
                        AddressFamily.AUTO,
                        List.of(),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        Duration.ofSeconds(2),
                        3,
                        50,
                        256,
                        1,
                        null));
    }

    @Test
    void everythingCanBeSaid() {
        ObjectNode section = pool.putObject("discover")
                .put("name", "_http._tcp.app.internal.")
                .put("record", "srv")
                .put("family", "both")
                .put("min-interval", "2s")
                .put("max-interval", "1m")
                .put("timeout", "1s")
                .put("remove-after", 5)
                .put("max-removal", 20)
                .put("max-backends", 1000)
                .put("weight", 4)
                .put("admin-port", 9000);
        section.putArray("name-servers").add("127.0.0.1").add("[::1]:5353");
        assertThat(read())
                .contains(new DiscoverySettings(
                        "_http._tcp.app.internal.",
                        0,
                        RecordKind.SRV,
                        AddressFamily.BOTH,
                        List.of(
                                new InetSocketAddress(DiscoverySettings.literal(new byte[] {127, 0, 0, 1}), 53),
                                new InetSocketAddress(
                                        DiscoverySettings.literal(
                                                new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}),
                                        5353)),
                        Duration.ofSeconds(2),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(1),
                        5,
                        20,
                        1000,
                        4,
                        9000));
    }

    @Test
    void whatCannotBeMeantIsRefused() {
        pool.putObject("discover")
                .put("name", "10.0.0.1")
                .putArray("name-servers")
                .add("ns.internal");
        InvalidSettingsException invalid = catchThrowableOfType(InvalidSettingsException.class, this::read);
        assertThat(invalid.problems())
                .extracting(problem -> problem.key())
                .containsExactlyInAnyOrder("discover.name", "discover.name-servers[0]", "discover.port");
    }
}
