"""Every kind of page, on pages of our own making: what is no document is told, and no document is lost."""

# ruff: noqa: E501 - a page on one line is easier to compare with its neighbours
import pytest

from catalog.records import PageKind

TEXT = "为保证春耕用水，现就农田灌溉工作通知如下，请各部门认真执行，不得有误。"
NAV = "<ul>" + "".join(f"<li><a href='/c{n}/'>栏目名称第{n}号</a></li>" for n in range(40)) + "</ul>"
FOOT = "<div>主办单位：泓州市人民政府办公室 泓ICP备10000001号</div>"


def framed(said: str, title: str = "泓州市人民政府") -> str:
    return f"<title>{title}</title><body>{NAV}<div class=main>{said}</div>{FOOT}</body>"


SHELLS = {
    "c3vk": "<html><script>document.cookie='C3VK=a1b2c3; path=/; max-age=300';location.reload();</script></html>",
    "jsl": "<script>document.cookie=('_')+('_jsl_clearance_s=1|0|x');location.href=location.pathname</script>",
    "jsl packed": "<script>var _0x=['cookie'];(function(a){eval(a)})(unescape('%61'));setTimeout('go()',1500)</script>",
    "rs": "<meta id='9Dhe' content='{qq' r='m'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};</script><input type=hidden>",
    "aliyun": "<body><script>var arg1='AB';function setCookie(n,v){document.cookie=n+'='+v}setCookie('acw_sc__v2','x')</script>请稍候",
    "slider": "<title>安全验证</title><p>为保障您的访问安全，请完成滑动验证</p><input id=s><script>init()</script>",
    "captcha": "<title>访问验证</title>请输入验证码后继续访问<form><input name=code><input type=submit></form>",
    "rate": "<title>提示</title><p>您的访问过于频繁，请稍后再试</p>",
    "waf": "<title>网站防火墙</title><h1>您的请求被拦截</h1><p>请求编号 8f31</p><a href=/>返回</a>",
    "noscript": "<p>本站需要启用JavaScript后才能浏览。</p><script src=a.js></script>",
    "refresh": "<meta http-equiv=Refresh content='0;url=/web/index.html'>",
    "frameset": "<frameset rows='100,*'><frame src=top.html><frame src=main.html></frameset>",
    "application": "<title>政务服务</title><div id=app></div><script src=/static/js/app.8f3.js></script>",
}
ERRORS = {
    "nginx": "<html><head><title>404 Not Found</title></head><center><h1>404 Not Found</h1></center><hr>nginx/1.20.1",
    "nginx 502": "<title>502 Bad Gateway</title><h1>502 Bad Gateway</h1><hr>nginx",
    "tomcat": "<title>Apache Tomcat/7.0.90 - Error report</title><h1>HTTP Status 404 - /a.jsp</h1><p><b>type</b> Status report</p>",
    "tomcat zh": "<title>HTTP状态 500 - 内部服务器错误</title><h1>HTTP状态 500 - 内部服务器错误</h1><p>异常报告</p>"
    + "<p>\tat org.apache.catalina.core.StandardWrapperValve.invoke(StandardWrapperValve.java:199)</p>" * 60,
    "iis": "<title>无法找到该页</title><h1>无法找到该页</h1>您正在搜索的页面可能已经删除、更名或暂时不可用。<h2>HTTP 错误 404</h2>",
    "iis 7": "<title>404 - 找不到文件或目录。</title><h2>404 - 找不到文件或目录。</h2><h3>您要查找的资源可能已被删除。</h3>",
    "aspnet": "<title>运行时错误</title><h1>“/”应用程序中的服务器错误。</h1><h2>运行时错误</h2><p>说明: 服务器上出现应用程序错误。</p>",
    "aspnet en": "<title>Runtime Error</title><h1>Server Error in '/' Application.</h1>"
    + "<p>Description: An error.</p>" * 80,
    "whitelabel": "<h1>Whitelabel Error Page</h1><p>This application has no explicit mapping for /error</p>",
    "panel": "<title>没有找到站点</title><p>您的请求在Web服务器中没有找到对应的站点！</p>",
    "json": '{"code":404,"msg":"not found","data":null}',
    "json zh": '{"success":false,"message":"信息不存在","data":""}',
    "php": "<b>Fatal error:</b> Uncaught Error: Call to undefined function a() in /www/a.php:3",
    "soft 1": framed("<p>对不起，您访问的页面不存在或已被删除！</p><a href=/>返回首页</a>"),
    "soft 2": framed("<p>抱歉，您要查看的内容已经撤下。</p>"),
    "soft 3": framed("<p>该信息已被删除，3秒后返回首页</p>"),
    "soft 4": framed("<p>没有找到您要访问的网页，请检查网址是否正确</p>", "提示信息"),
    "soft 5": framed("<p>文章未审核或不存在</p>"),
    "soft 6": framed("<p>参数错误！</p>", "系统提示"),
    "soft 7": framed("<p>页面走丢了，去别处看看吧</p>"),
    "soft 8": framed("<p>该栏目不存在</p>"),
    "message": "<script>alert('信息不存在');history.back()</script><p>信息不存在</p>",
    "maintenance": "<title>网站维护中</title><p>网站正在升级维护，给您带来不便敬请谅解。</p>",
    "query": "<p>查无此文件，请返回重新输入</p>",
    "withdrawn": "<p>索引号：123/2015-1</p><p>发布日期：2015-03-12</p><p>发布机构：泓州市水务局</p>"
    "<div id=zoom><p>该文件已被删除</p></div>",
}
LOGINS = {
    "box": "<title>泓州市审批平台</title><form>用户名<input name=u>密码<input type=password></form>",
    "session": f"<title>办税</title>{NAV}<select></select><select></select><select></select><div>会话失效，请重新登录！</div>",
    "first": "<title>我的办件</title><p>您还没有登录，请先登录后再查看。</p>",
    "recovery": "<title>找回密码</title><form>手机号<input name=a>验证码<input name=b></form>",
    "frame": "<title>网上大厅</title><p>欢迎</p><iframe src='/etax/loginPage.jsp'></iframe>",
    "sso": "<title>统一身份认证</title><form>账号<input name=u><input type=submit></form>",
}
HACKED = {
    "clone": framed(NAV + f"<p>{TEXT}</p>", "澳门百家乐官网-澳门百家乐官网娱乐平台"),
    "doubled on a police host": framed(NAV, "新葡京娱乐_新葡京开户-泓州市公安局打击犯罪网"),
    "keywords": "<meta name=keywords content='申博娱乐,申博官网,申博太阳城'><title>申博娱乐网址</title>"
    + NAV,
    "entities": "<title>&#26102;&#26102;&#24425;&#24179;&#21488;-&#21271;&#20140;&#36187;&#36710;pk10</title>"
    + NAV,
    "lottery shop": framed(NAV, "彩票平台-购彩大厅app-送彩金"),
    "papers": framed("<p>联系</p>", "代开发票电话13800000000_开发票微信13800000000"),
    "defaced": "<title>Hacked By R00t</title><h1>Hacked By R00t</h1>",
    "filled": framed(
        "<p>百家乐开户送彩金，老虎机，捕鱼平台，真人荷官，娱乐平台，送体验金，博彩</p>" * 3, "通知公告"
    ),
    "adult": "<title>成人视频在线_无码高清</title>" + NAV,
}
DOCUMENTS = {
    "police": (
        "警方破获特大网络赌博案 “百家乐”“老虎机”平台被捣毁",
        "公安机关打击网络赌博，百家乐、时时彩等平台涉嫌犯罪。",
    ),
    "warning": ("警惕“时时彩”平台骗局", "网上投注时时彩、北京赛车均属违法，彩金无法提现，请市民警惕被骗。"),
    "court": (
        "被告人李某开设赌场罪一审刑事判决书",
        "被告人李某在娱乐城内摆放老虎机、捕鱼游戏机，组织百家乐赌博，从中抽头。",
    ),
    "halls": ("泓州市娱乐场所管理办法", "娱乐场所不得设置老虎机，不得以营利为目的组织赌博，棋牌室应当登记。"),
    "lottery": (
        "双色球第2014126期开奖公告",
        "福彩双色球、时时彩本期投注额公布，彩金由中福彩中心派发，在线投注尚未开通。",
    ),
    "invoices": (
        "关于税务机关代开发票有关事项的公告",
        "纳税人申请代开发票的，可拨打服务电话咨询，代开发票须提供合同。",
    ),
    "papers": ("不动产办证须知", "群众办证时请携带身份证明，办证大厅设在政务服务中心一楼，办证不收费。"),
    "404": ("关于政协第404号提案的答复", "您提出的第404号提案收悉，现答复如下，感谢您对泓州工作的支持。"),
    "not existing": (
        "政府信息不存在告知书",
        "经查，您申请公开的信息不存在，根据条例第三十六条，特此告知，请知悉。",
    ),
    "maintenance": (
        "关于政务服务平台系统升级维护的通知",
        "因系统升级，平台将于周六暂停服务，系统维护期间无法访问，请提前办理。",
    ),
    "errors": (
        "关于更正名单错误的公告",
        "原名单第三页有错误，现更正如下，该页面已删除，请以本公告为准，不另通知。",
    ),
    "login": (
        "关于启用统一身份认证登录的通知",
        "各单位用户请先登录后修改密码，用户名不变，找回密码请联系信息中心。",
    ),
    "cookies": (
        "关于网站安全验证的说明",
        "本站安全防护启用后，请求过于频繁的访问会被拦截，请启用JavaScript浏览。",
    ),
}


@pytest.mark.parametrize("html", SHELLS.values(), ids=SHELLS)
def test_challenges_and_empty_frames_are_shells(read, html):
    assert read(html).page_kind is PageKind.SHELL


@pytest.mark.parametrize("html", ERRORS.values(), ids=ERRORS)
def test_pages_that_say_there_is_nothing_are_errors(read, html):
    assert read(html).page_kind is PageKind.ERROR


@pytest.mark.parametrize("html", LOGINS.values(), ids=LOGINS)
def test_pages_that_ask_who_you_are_are_logins(read, html):
    assert read(html).page_kind is PageKind.LOGIN


@pytest.mark.parametrize("html", HACKED.values(), ids=HACKED)
def test_pages_that_strangers_placed_are_hacked(read, html):
    assert read(html).page_kind is PageKind.HACKED


@pytest.mark.parametrize("container", ["id=zoom", "class=q7"])
@pytest.mark.parametrize("times", [2, 12])
@pytest.mark.parametrize(("title", "said"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_about_gambling_errors_and_logins_are_documents(read, title, said, container, times):
    text = "".join(f"<p>{said}第{n}条按此执行。</p>" for n in range(times))
    html = (
        f"<meta name=keywords content='{title}'><title>{title}-泓州市公安局</title>{NAV}<h1>{title}</h1>"
        f"<p>发布时间：2016-09-28 来源：本站</p><div {container}>{text}</div>{FOOT}"
    )
    assert read(html).page_kind is PageKind.DOCUMENT


def test_a_short_text_with_a_file_beside_scripts_is_no_shell(read):
    html = (
        "<title>公示</title><script>if(top!=self){top.location=self.location} document.cookie='n=1'</script>"
        "<p>发布日期：2016-09-28</p><div id=zoom><p>现将名单予以公示。</p><a href='/a/b.pdf'>名单</a></div>"
    )
    assert read(html, url="http://a.example/").page_kind is PageKind.DOCUMENT


def test_a_thread_of_a_forum_is_no_document(read):
    posts = "".join(f"<div>{n}楼#</div><div>发帖数{n}01</div><p>{TEXT}</p>" for n in range(1, 9))
    assert read(f"<title>谈谈灌溉 - Powered by Discuz!</title>{posts}").page_kind is PageKind.OTHER


def test_a_teaser_whose_rest_is_behind_a_link_is_no_document(read):
    html = f"<title>琴溪村</title><h2>村情简介</h2><p>{TEXT * 4}. . .</p><a href=/j.html>[详细]</a><p>电话：1</p>"
    assert read(html).page_kind is PageKind.OTHER
    assert read(html.replace("<a href=/j.html>[详细]</a>", "")).page_kind is PageKind.DOCUMENT
