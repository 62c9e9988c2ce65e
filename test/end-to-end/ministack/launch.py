"""Runs MiniStack, the emulator of AWS to which the end-to-end test deploys the app, mended where it falls short.

What it comes across is told once, as one line of JSON on stdout, so that the test can hold it to a list:

    {"mended": "..."}    MiniStack gets this wrong, and the code below puts it right
    {"ignored": "..."}   a property of the app's template that MiniStack never looked at

It ends with SIGTERM, and by itself when its stdin closes: whoever started it may die without a word.
"""

import json
import os
import re
import signal
import threading
import uuid

from ministack import app
from ministack.core import iam_actions
from ministack.services import apigateway_v1, dynamodb
from ministack.services.cloudformation.provisioners import _RESOURCE_HANDLERS as resource_types

told = set()


def tell(what, text):
    if text not in told:
        told.add(text)
        print(json.dumps({what: text}), flush=True)


class Properties(dict):
    """The properties of one resource, which remember what was looked at."""

    def __init__(self, properties):
        super().__init__(properties)
        self.seen = set()

    def get(self, name, default=None):
        self.seen.add(name)
        return super().get(name, default)

    def __getitem__(self, name):
        self.seen.add(name)
        return super().__getitem__(name)

    def __iter__(self):
        self.seen.update(super().keys())
        return super().__iter__()

    def items(self):
        self.seen.update(super().keys())
        return super().items()


def tell_ignored(resource_type, create):
    """Whoever creates a resource of the app without reading all of its properties is found out."""

    def create_and_tell(logical_id, properties, stack_name, *rest, **named):
        watched = Properties(properties)
        created = create(logical_id, watched, stack_name, *rest, **named)
        if stack_name != "CDKToolkit":  # the stack of `cdk bootstrap` is not ours
            for name in sorted(properties.keys() - watched.seen):
                tell("ignored", f"{resource_type} {name}")
        return created

    return create_and_tell


def keep_table_settings(create):
    """CloudFormation drops these two; DynamoDB itself takes them."""
    settings = {
        "TimeToLiveSpecification": dynamodb._update_ttl,
        "PointInTimeRecoverySpecification": dynamodb._update_continuous_backups,
    }

    def create_table(logical_id, properties, *rest):
        created = create(logical_id, properties, *rest)
        for name, update in settings.items():
            if name in properties:
                status, _, body = update({"TableName": created[0], name: properties[name]})
                if status != 200:
                    raise ValueError(f"{logical_id} {name}: {body!r}")
                tell("mended", f"AWS::DynamoDB::Table {name}")
        return created

    return create_table


def count_loopback_as_tls(pin_request_origin):
    """The policies of the app's and of the CDK's buckets and keys refuse plain HTTP, and here is nothing else."""

    def pin(address, secure):
        if not secure:
            tell("mended", "aws:SecureTransport")
        pin_request_origin(address, True)

    return pin


def check_partiql_grants(checks_of):
    """IAM knows no BatchExecuteStatement: each statement is checked as the action that it is, on the table it names."""

    def checks(action, body, region, account):
        if action != "dynamodb:BatchExecuteStatement":
            return checks_of(action, body, region, account)
        tell("mended", "dynamodb:PartiQL*")
        statements = json.loads(body)["Statements"]
        parsed = [dynamodb._parse_partiql(each["Statement"], each.get("Parameters", [])) for each in statements]
        return [
            (f"dynamodb:PartiQL{each['op'].capitalize()}", iam_actions._dynamodb_table_arn(each["table"], region, account))
            for each in parsed
        ]

    return checks


def flush_authorizer_caches(handle):
    """FlushStageAuthorizersCache is missing. Who may call it has been decided before."""

    async def handle_request(method, path, *rest):
        if method != "DELETE" or not re.fullmatch("/restapis/[^/]+/stages/[^/]+/cache/authorizers", path):
            return await handle(method, path, *rest)
        tell("mended", "FlushStageAuthorizersCache")
        apigateway_v1._authorizer_cache.clear()
        return 202, {}, b""

    return handle_request


def know_encryption_context(context_of):
    """A grant may say for which encryption context it is; requests to KMS bring theirs in their body."""

    def context(service, action, body, params):
        known = context_of(service, action, body, params)
        if service != "kms":
            return known
        tell("mended", "kms:EncryptionContext")
        named = json.loads(body or b"{}").get("EncryptionContext", {})
        return {**known, **{f"kms:encryptioncontext:{name}".lower(): value for name, value in named.items()}}

    return context


def count_untyped_as_json(matches):
    """A body without a Content-Type is application/json to API Gateway, and so binary where everything is."""

    def media_type_matches(media_type, binary_media_types):
        if not media_type:
            tell("mended", "binaryMediaTypes without a Content-Type")
        return matches(media_type or "application/json", binary_media_types)

    return media_type_matches


def tell_authorizer_request_id(invoke):
    """What the authorizer leaves behind of a refused login names its request."""

    async def invoke_authorizer(authorizer, event, *rest):
        tell("mended", "authorizer requestContext.requestId")
        event["requestContext"].setdefault("requestId", str(uuid.uuid4()))
        return await invoke(authorizer, event, *rest)

    return invoke_authorizer


def give_functions_longer(create):
    """Everything is on one machine, which others use too: what AWS does in its time may take three times that here."""

    def create_function(logical_id, properties, *rest):
        tell("mended", "AWS::Lambda::Function Timeout")
        properties["Timeout"] = 3 * int(properties.get("Timeout", 3))
        return create(logical_id, properties, *rest)

    return create_function


def take_one_metric_of_an_expression(create):
    """CloudFormation refuses an alarm about an expression, and nothing here raises alarms: one metric of it stands in."""

    def create_alarm(logical_id, properties, *rest):
        for query in properties.pop("Metrics", []):
            tell("ignored", "AWS::CloudWatch::Alarm Metrics")
            if "MetricStat" in query:
                metric = query["MetricStat"]["Metric"]
                properties.update(MetricName=metric["MetricName"], Namespace=metric["Namespace"])
        return create(logical_id, properties, *rest)

    return create_alarm


def end_with_stdin():
    while os.read(0, 1):  # not sys.stdin: at its own end Python waits for the reader's lock
        pass
    os.kill(os.getpid(), signal.SIGTERM)


tables = resource_types["AWS::DynamoDB::Table"]
tables["create"] = keep_table_settings(tables["create"])
functions = resource_types["AWS::Lambda::Function"]
functions["create"] = give_functions_longer(functions["create"])
alarms = resource_types["AWS::CloudWatch::Alarm"]
alarms["create"] = take_one_metric_of_an_expression(alarms["create"])
for name, handlers in resource_types.items():
    if "create" in handlers:
        handlers["create"] = tell_ignored(name, handlers["create"])
app.pin_request_origin = count_loopback_as_tls(app.pin_request_origin)
iam_actions.dynamodb_transaction_checks = check_partiql_grants(iam_actions.dynamodb_transaction_checks)
apigateway_v1.handle_request = flush_authorizer_caches(apigateway_v1.handle_request)

apigateway_v1._invoke_authorizer_lambda = tell_authorizer_request_id(apigateway_v1._invoke_authorizer_lambda)
apigateway_v1._media_type_matches = count_untyped_as_json(apigateway_v1._media_type_matches)
iam_actions.request_tag_context = know_encryption_context(iam_actions.request_tag_context)

threading.Thread(target=end_with_stdin, daemon=True).start()
app.main()
