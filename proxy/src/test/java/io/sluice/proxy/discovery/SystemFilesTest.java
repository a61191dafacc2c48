package io.sluice.proxy.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SystemFilesTest {
    @Test
    void aNameWithFewDotsIsTriedWithTheSearchDomainsFirst() {
        ResolverFile file = ResolverFile.parse("""
                # in a container
                nameserver 10.96.0.10
                nameserver fd00::10
                search shop.svc.cluster.local svc.cluster.local
                options timeout:1 ndots:2
                """);
        assertThat(file.nameServers())
                .extracting(each -> each.getAddress().getHostAddress() + ":" + each.getPort())
                .containsExactly("10.96.0.10:53", "fd00:0:0:0:0:0:0:10:53");
        assertThat(file.candidates("App"))
                .containsExactly("app.shop.svc.cluster.local.", "app.svc.cluster.local.", "app.");
        assertThat(file.candidates("app.shop.svc"))
                .containsExactly(
                        "app.shop.svc.", "app.shop.svc.shop.svc.cluster.local.", "app.shop.svc.svc.cluster.local.");
        assertThat(file.candidates("app.internal.")).containsExactly("app.internal.");
    }

    @Test
    void theNameOfAComposeServiceIsLookedUpAsItIs() {
        ResolverFile file = ResolverFile.parse("nameserver 127.0.0.11\noptions ndots:0\n");
        assertThat(file.candidates("app")).containsExactly("app.");
    }

    @Test
    void withoutAFileTheMachineItselfIsAsked() {
        assertThat(ResolverFile.parse("").nameServers())
                .extracting(each -> each.getAddress().getHostAddress())
                .containsExactly("127.0.0.1");
    }

    @Test
    void aHostsFileKnowsAllAddressesOfAName() {
        HostsFile file = new HostsFile("""
                127.0.0.1 localhost
                10.0.0.5\tapp.internal app # the first
                10.0.0.6 APP
                fd00::5 app
                # 10.0.0.7 app
                nonsense app
                """);
        assertThat(file.addresses("app"))
                .extracting(each -> each.getHostAddress())
                .containsExactly("10.0.0.5", "10.0.0.6", "fd00:0:0:0:0:0:0:5");
        assertThat(file.addresses("app.internal.")).hasSize(1);
        assertThat(file.addresses("other")).isEmpty();
    }
}
