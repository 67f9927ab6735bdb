package io.foretell.http;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.exception.SdkClientException;

@Timeout(60)
class SageMakerRegionTest {
    @Test
    void build_noRegionAnywhere_saysWhereTheSdkLooked(@TempDir Path empty) {
        assumeThat(System.getenv()).doesNotContainKey("AWS_REGION");
        assumeThat(System.getProperty("aws.region")).isNull();
        String absent = empty.resolve("absent").toString();
        Map<String, String> nowhere =
                Map.of("aws.disableEc2Metadata", "true", "aws.configFile", absent, "aws.sharedCredentialsFile", absent);
        nowhere.forEach(System::setProperty);
        try {
            SageMaker.Builder builder = SageMaker.endpoint("iris");

            assertThatIllegalArgumentException()
                    .isThrownBy(builder::build)
                    .withMessageContaining("region is not set")
                    .withMessageContaining("Unable to load region")
                    .withCauseInstanceOf(SdkClientException.class);
        } finally {
            nowhere.keySet().forEach(System::clearProperty);
        }
    }
}
