"""Invokes an endpoint by boto3 and prints what came of it in one line."""

import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, name, body = sys.argv[1:]
client = boto3.client("sagemaker-runtime", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}))
try:
    answer = client.invoke_endpoint(EndpointName=name, ContentType="application/json", Body=body)
    print(200, answer["InvokedProductionVariant"], answer["Body"].read().decode())
except ClientError as error:
    status = error.response["ResponseMetadata"]["HTTPStatusCode"]
    print(status, error.response["Error"]["Code"], error.response.get("OriginalStatusCode", "-"))
