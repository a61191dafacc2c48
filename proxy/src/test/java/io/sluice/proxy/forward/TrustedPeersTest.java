package io.sluice.proxy.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedPeersTest {
    private final TrustedPeers peers =
            TrustedPeers.of(List.of("10.0.0.0/8", "192.168.4.128/25", "fd00::/8", "1.2.3.4"));

    @ParameterizedTest
    @ValueSource(strings = {"10.255.0.1", "192.168.4.128", "192.168.4.255", "fd12::1", "1.2.3.4"})
    void contains(String address) {
        assertThat(peers.contains(address)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "11.0.0.1",
                "192.168.4.127",
                "fe00::1",
                "1.2.3.5",
                "localhost",
                "",
                "10.1",
                "abc",
                "10.0.0.256",
                "10.0.0",
                "10.0.0.1.1",
                "10..0.1",
                "10.0.0.1a",
                "10.0.0.0001",
                "10.0.0."
            })
    void doesNotContain(String address) {
        assertThat(peers.contains(address)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "example.org", "10.0.0.0/", "fd00::/129", "10.0.0/8"})
    void refusesWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> TrustedPeers.of(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(text);
    }

    @Test
    void nobodyIsTrustedByDefault() {
        assertThat(TrustedPeers.none().contains("127.0.0.1")).isFalse();
    }
}
