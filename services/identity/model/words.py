"""Words guessers try first: common passwords, keyboard walks, names, Japanese in romaji, words of the programme.

Collected by hand for this project, some 600 of them. They are compared after folding capitals, full-width letters
and the usual digit-for-letter swaps, alone, joined in pairs and with years or runs of digits around them, which
covers millions of passwords a flat list would have to name.
"""

_COMMON = """
password passwd passw0rd passcode pass secret letmein welcome login logon admin administrator root toor master
guest user test testing tester temp temporary default changeme change iloveyou loveyou lovely princess dragon
monkey shadow sunshine football baseball basketball soccer hockey superman batman spiderman ironman starwars
pokemon pikachu naruto onepiece doraemon gundam evangelion totoro ghibli mickey minnie disney hellokitty kitty
trustno whatever freedom ninja samurai sakura fujisan fuji tokyo osaka kyoto nagoya sapporo fukuoka yokohama
kobe hiroshima sendai okinawa hokkaido nippon japan nihon computer internet server network system service
windows linux ubuntu apple google amazon facebook twitter instagram youtube microsoft oracle docker github
summer winter spring autumn january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday morning night hello hallo konnichiwa ohayou arigatou
arigato sayonara moshimoshi daisuki aishiteru suki kawaii sugoi ganbare ganbaru ganbatte shiawase egao kibou yume
michael jennifer jordan jessica michelle ashley daniel thomas charlie robert matthew andrew joshua george harley
ranger hunter buster tigger ginger pepper cookie cheese chocolate banana orange coffee butter flower rainbow
diamond silver golden purple yellow orange black white green blue red maverick phoenix mustang corvette ferrari
porsche mercedes yamaha honda toyota nissan suzuki mazda subaru kawasaki daihatsu mitsubishi sony panasonic sharp
tanaka suzuki sato satou takahashi watanabe ito itou yamamoto nakamura kobayashi kato katou yoshida yamada sasaki
yamaguchi matsumoto inoue kimura hayashi saito saitou shimizu yamazaki mori abe ikeda hashimoto ishikawa ogawa
okada goto gotou fujita hasegawa murakami kondo kondou endo endou aoki sakamoto nishimura fukuda ota oota miura
fujiwara okamoto matsuda nakajima nakano harada ono tamura takeuchi kaneko wada ishii nakayama fujii ueda maeda
taro tarou hanako jiro jirou ichiro ichirou yuki yuuki haruto yuto sota souta hinata himari yui rin sakura akari
takashi hiroshi kenji kazuo akira makoto minoru shigeru kiyoshi yoko youko keiko kyoko sachiko kazuko hiroko
manager office company business money bank credit account number customer support helpdesk hello123 access
private public security secure safety important forever always never nothing something everything someone
abcdef abcdefg abcdefgh abcabc abcd aaaa bbbb xxxx zzzz qwerty qwert qwertyuiop qwertyui asdf asdfg asdfgh
asdfghjkl asdfghj zxcv zxcvb zxcvbn zxcvbnm qazwsx qazwsxedc wsxedc edcrfv rfvtgb tgbyhn qweasd qweasdzxc qweqwe
asdasd zxczxc poiuy poiuyt lkjhgf mnbvcxz mnbvc oiuytrewq qwer wert erty uiop hjkl 1q2w 1q2w3e 1q2w3e4r
1q2w3e4r5t 1qaz 2wsx 3edc 4rfv 1qaz2wsx 1qaz2wsx3edc zaq1 xsw2 zaq12wsx q1w2e3 q1w2e3r4 a1b2c3 a1b2c3d4 abc123
p0o9i8 0okm 9ijn fuck fuckyou bitch asshole killer devil angel heaven jesus christ buddha
"""

_PROGRAMME = """
machipo machipoint myna mynapoint mynumber mainanba mainapoint maina mynachan jichitai jititai shiyakusho siyakusyo
shichoson sityouson shikuchoson kucyo shicho kencho kenchou todofuken todouhuken koukyou gyousei gyosei somusho
soumusho soumu kyufu kyuufu kyuhu fuyo fuyou point points pointo jimukyoku zimukyoku kessai jigyosha jigyousha
zigyousya jumin juumin jyumin koseki zeimu fukushi hukusi kosodate kyoiku kyouiku bousai kankou shinsei sinsei
moushikomi mousikomi touroku toroku shinsa sinsa shonin syounin kanri kanrisha kanrisya tantou tantosha
tantousya madoguchi madoguti kasumigaseki digital dejitaru digitalcho lgwan portal potaru matching macchingu shisaku
sesaku municipality municipal provider secretariat cashless kyassyuresu paypay rakuten aupay dbarai merpay linepay
famipay nanaco waon suica pasmo icoca edy yucho komatsu sanuki kagawa ishikawa hyogo himeji kakogawa kawaguchi
miyazaki kisarazu oita iwakuni otsu maibara hokkaidou aomori iwate miyagi akita yamagata fukushima ibaraki tochigi
gunma saitama chiba toukyou kanagawa niigata toyama fukui yamanashi nagano gifu shizuoka aichi mie shiga oosaka
nara wakayama tottori shimane okayama yamaguchi tokushima ehime kochi kouchi saga nagasaki kumamoto ooita
kagoshima reiwa heisei shouwa showa reiwa5 reiwa6 reiwa7 reiwa8 kouhou kikaku jouhou joho densan seisaku seisakuka
ichihara nagahama
"""

_JAPANESE = """
パスワード ひみつ 秘密 暗証番号 あいうえお かきくけこ さくら 桜 日本 東京 大阪
マチポ まちぽ マイナ マイナポイント マイナンバー ポイント 自治体 市役所 町役場
村役場 区役所 県庁 都庁 事務局 決済事業者 給付 付与 登録 申請 管理者 担当者
ありがとう こんにちは おはよう こんばんは さようなら がんばれ 令和 平成 昭和
"""

#: All of them, longest first, so that ``password`` goes before ``pass``.
GUESSED_FIRST: tuple[str, ...] = tuple(
    sorted({*_COMMON.split(), *_PROGRAMME.split(), *_JAPANESE.split()}, key=lambda w: (-len(w), w))
)
